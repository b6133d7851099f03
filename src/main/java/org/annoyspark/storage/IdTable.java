package org.annoyspark.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalInt;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.IndexMetadata;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/**
 * External ids of item numbers, and back. Mapped ids were numbered in their own order (numbers by
 * value, strings by their UTF-8 bytes), so the way back is a binary search in the same arrays.
 */
public abstract class IdTable {

  /** Columns of the Parquet files. */
  public static final String ITEM_COLUMN = "item";

  public static final String ID_COLUMN = "id";

  /** The external id of an item: Integer, Long or String. */
  public abstract Serializable id(int item);

  /**
   * The item of an external id.
   *
   * @param id Integer, Long or String; a number may come as its text
   * @return empty if no item has that id
   */
  public abstract OptionalInt item(Object id);

  /** The table for an index whose item numbers are the ids. */
  public static IdTable identity() {
    return new Identity();
  }

  /**
   * Reads the mapping that metadata names.
   *
   * @throws CorruptIndexException if it does not number all items from 0 on
   */
  public static IdTable read(Path directory, IndexMetadata metadata, Configuration conf)
      throws IOException {
    boolean strings = metadata.ids().type().equals("string");
    Strings stringTable = new Strings(strings ? metadata.items() : 0);
    long[] numbers = new long[strings ? 0 : metadata.items()];
    int next = 0;
    for (Path file : parts(directory, conf)) {
      try (ParquetReader<Group> reader =
          ParquetReader.builder(new GroupReadSupport(), file).withConf(conf).build()) {
        for (Group row = reader.read(); row != null; row = reader.read(), next++) {
          int item = row.getInteger(ITEM_COLUMN, 0);
          if (item != next || next >= metadata.items()) {
            throw new CorruptIndexException(
                file.toString(), "item of row " + next, next + " of " + metadata.items(), item);
          }
          if (strings) {
            stringTable.add(row.getBinary(ID_COLUMN, 0).getBytes());
          } else if (metadata.ids().type().equals("long")) {
            numbers[item] = row.getLong(ID_COLUMN, 0);
          } else {
            numbers[item] = row.getInteger(ID_COLUMN, 0);
          }
        }
      }
    }
    if (next != metadata.items()) {
      throw new CorruptIndexException(directory.toString(), "ids", metadata.items(), next);
    }
    return strings ? stringTable : new Numbers(numbers, metadata.ids().type().equals("int"));
  }

  private static Path[] parts(Path directory, Configuration conf) throws IOException {
    FileSystem fs = directory.getFileSystem(conf);
    if (!fs.exists(directory)) {
      throw new FileNotFoundException(directory + ": no such directory; the ids of the index");
    }
    return Arrays.stream(fs.listStatus(directory))
        .map(FileStatus::getPath)
        .filter(part -> part.getName().endsWith(".parquet"))
        .sorted(Comparator.comparing(Path::getName))
        .toArray(Path[]::new);
  }

  private static final class Identity extends IdTable {
    @Override
    public Serializable id(int item) {
      return item;
    }

    @Override
    public OptionalInt item(Object id) {
      try {
        return OptionalInt.of(Integer.parseInt(id.toString()));
      } catch (NumberFormatException e) {
        return OptionalInt.empty();
      }
    }
  }

  private static final class Numbers extends IdTable {
    private final long[] ids;
    private final boolean ints;

    Numbers(long[] ids, boolean ints) {
      this.ids = ids;
      this.ints = ints;
    }

    @Override
    public Serializable id(int item) {
      return ints ? (Serializable) (int) ids[item] : (Serializable) ids[item];
    }

    @Override
    public OptionalInt item(Object id) {
      try {
        int at = Arrays.binarySearch(ids, Long.parseLong(id.toString()));
        return at >= 0 ? OptionalInt.of(at) : OptionalInt.empty();
      } catch (NumberFormatException e) {
        return OptionalInt.empty();
      }
    }
  }

  private static final class Strings extends IdTable {
    private final int[] ends;

    /** The largest array that all JVMs give. */
    private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

    private byte[] bytes = new byte[1 << 12];
    private int count;

    Strings(int capacity) {
      this.ends = new int[capacity];
    }

    void add(byte[] id) {
      int from = start(count);
      int end = Math.addExact(from, id.length);
      if (end > MOST_BYTES) {
        throw new IllegalArgumentException(
            "string ids: expected at most " + MOST_BYTES + " bytes in all, found more");
      }
      if (end > bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(Math.max(end, 2L * bytes.length), MOST_BYTES));
      }
      System.arraycopy(id, 0, bytes, from, id.length);
      ends[count++] = end;
    }

    private int start(int item) {
      return item == 0 ? 0 : ends[item - 1];
    }

    @Override
    public Serializable id(int item) {
      int from = start(item);
      return new String(bytes, from, ends[item] - from, StandardCharsets.UTF_8);
    }

    @Override
    public OptionalInt item(Object id) {
      byte[] wanted = id.toString().getBytes(StandardCharsets.UTF_8);
      int low = 0;
      int high = count - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order =
            Arrays.compareUnsigned(bytes, start(middle), ends[middle], wanted, 0, wanted.length);
        if (order == 0) {
          return OptionalInt.of(middle);
        }
        if (order < 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return OptionalInt.empty();
    }
  }
}
