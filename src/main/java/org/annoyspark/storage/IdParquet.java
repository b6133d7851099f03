package org.annoyspark.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.annoyspark.format.CorruptIndexException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/**
 * The published mapping of item numbers to ids, read row by row without Spark.
 *
 * @param parts in the order of their numbers
 */
record IdParquet(Path directory, List<Path> parts, Configuration conf) {

  /** Spark's {@code part-TASK-UUID-cFILE.…}, where each number has as many digits as it needs. */
  private static final Pattern PART = Pattern.compile("part-(\\d{1,18})(?:.*-c(\\d{1,18})\\.)?.*");

  private static final Comparator<Path> BY_NUMBER =
      Comparator.<Path>comparingLong(part -> number(part, 1))
          .thenComparingLong(part -> number(part, 2))
          .thenComparing(Path::getName);

  /** Takes ids, those of item 0 first. */
  interface Sink {

    void number(long id) throws IOException;

    /**
     * @param id in UTF-8
     */
    void text(byte[] id) throws IOException;
  }

  /**
   * Finds its files.
   *
   * @throws FileNotFoundException if there is no such directory
   */
  static IdParquet list(Path directory, Configuration conf) throws IOException {
    FileSystem fs = directory.getFileSystem(conf);
    if (!fs.exists(directory)) {
      throw new FileNotFoundException(directory + ": no such directory; the ids of the index");
    }
    List<Path> parts =
        Arrays.stream(fs.listStatus(directory))
            .map(FileStatus::getPath)
            .filter(part -> part.getName().endsWith(".parquet"))
            .sorted(BY_NUMBER)
            .toList();
    return new IdParquet(directory, parts, conf);
  }

  /** A number in the name of a part, or 0 if it has none. */
  private static long number(Path part, int group) {
    Matcher name = PART.matcher(part.getName());
    return name.matches() && name.group(group) != null ? Long.parseLong(name.group(group)) : 0;
  }

  /** About as many bytes as the ids have, and some more. */
  long uncompressedBytes() throws IOException {
    long bytes = 0;
    for (Path part : parts) {
      try (ParquetFileReader reader =
          ParquetFileReader.open(HadoopInputFile.fromPath(part, conf))) {
        bytes +=
            reader.getFooter().getBlocks().stream()
                .mapToLong(BlockMetaData::getTotalByteSize)
                .sum();
      }
    }
    return bytes;
  }

  /**
   * Reads all.
   *
   * @param type int, long or string
   * @throws CorruptIndexException if it does not number all items from 0 on, in the order of ids
   */
  void read(String type, int items, Sink sink) throws IOException {
    Sink inOrder = new OrderCheck(directory, sink);
    int next = 0;
    for (Path part : parts) {
      try (ParquetReader<Group> reader =
          ParquetReader.builder(new GroupReadSupport(), part).withConf(conf).build()) {
        for (Group row = reader.read(); row != null; row = reader.read(), next++) {
          int item = row.getInteger(IdTable.ITEM_COLUMN, 0);
          if (item != next || next >= items) {
            throw new CorruptIndexException(
                part.toString(), "item of row " + next, next + " of " + items, item);
          }
          readId(row, type, inOrder);
        }
      }
    }
    if (next != items) {
      throw new CorruptIndexException(directory.toString(), "ids", items, next);
    }
  }

  private static void readId(Group row, String type, Sink sink) throws IOException {
    switch (type) {
      case "int" -> sink.number(row.getInteger(IdTable.ID_COLUMN, 0));
      case "long" -> sink.number(row.getLong(IdTable.ID_COLUMN, 0));
      default -> sink.text(row.getBinary(IdTable.ID_COLUMN, 0).getBytes());
    }
  }

  /** Lets only ids pass that are greater than the one before: a search relies on it. */
  private static final class OrderCheck implements Sink {
    private final Path directory;
    private final Sink sink;
    private int item;
    private long lastNumber;
    private byte[] lastText;

    OrderCheck(Path directory, Sink sink) {
      this.directory = directory;
      this.sink = sink;
    }

    @Override
    public void number(long id) throws IOException {
      check(item == 0 || lastNumber < id, id);
      lastNumber = id;
      sink.number(id);
    }

    @Override
    public void text(byte[] id) throws IOException {
      boolean isGreater = item == 0 || Arrays.compareUnsigned(lastText, id) < 0;
      check(isGreater, isGreater ? "" : new String(id, StandardCharsets.UTF_8));
      lastText = id;
      sink.text(id);
    }

    private void check(boolean isGreater, Object id) {
      if (!isGreater) {
        throw new CorruptIndexException(
            directory.toString(), "id of item " + item, "greater than the one before", id);
      }
      item++;
    }
  }
}
