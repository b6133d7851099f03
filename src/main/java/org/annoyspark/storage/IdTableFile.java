package org.annoyspark.storage;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import org.annoyspark.format.CorruptIndexException;
import org.apache.hadoop.conf.Configuration;

/**
 * The ids of an index as a file to be mapped, of this host's own making. Big-endian:
 *
 * <pre>
 * long   "annoyids" in ASCII
 * long   items
 * long   bytes of all strings together
 * int    CRC32C of the numbers
 * int    CRC32C of the strings
 * long   of each item: its id, or where its string ends among the strings
 * byte   of each string, in UTF-8
 * </pre>
 */
record IdTableFile(org.apache.hadoop.fs.Path directory, int items, String type, Configuration conf)
    implements HostIndexCache.Content {

  /** Keeps files of other layouts apart. */
  static final String FORMAT = "ids, big-endian, 1";

  static final long MAGIC = 0x616e6e6f79696473L;

  private static final Logger LOG = System.getLogger(IdTableFile.class.getName());
  private static final int HEADER_BYTES = 3 * Long.BYTES + 2 * Integer.BYTES;

  /** Where the number of an item stands. */
  static long numberOffsetBytes(int item) {
    return HEADER_BYTES + (long) item * Long.BYTES;
  }

  /** Where the strings begin. */
  static long textOffsetBytes(int items) {
    return numberOffsetBytes(items);
  }

  @Override
  public long wantedBytes() throws IOException {
    return textOffsetBytes(items) + (type.equals("string") ? parquet().uncompressedBytes() : 0);
  }

  private IdParquet parquet() throws IOException {
    return IdParquet.list(directory, conf);
  }

  @Override
  public void writeTo(Path part) throws IOException {
    try (IdTableWriter writer = new IdTableWriter(part, items)) {
      parquet().read(type, items, writer);
      writer.finish();
    }
    check(part);
  }

  @Override
  public boolean isIntact(Path copy) throws IOException {
    try {
      check(copy);
      return true;
    } catch (CorruptIndexException e) {
      LOG.log(Level.WARNING, "{0}; it is made again from {1}", e.getMessage(), directory);
      return false;
    }
  }

  /** Reads it once. */
  private void check(Path file) throws IOException {
    String name = file.toString();
    if (Files.size(file) < HEADER_BYTES) {
      throw new CorruptIndexException(
          name, "length in bytes", "at least " + HEADER_BYTES, Files.size(file));
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      require(name, "first 8 bytes", MAGIC, in.readLong());
      require(name, "items", (long) items, in.readLong());
      long textBytes = in.readLong();
      require(name, "length in bytes", textOffsetBytes(items) + textBytes, Files.size(file));
      int numbersCrc = in.readInt();
      int textsCrc = in.readInt();
      requireCrc(name, "numbers", numbersCrc, IdTableWriter.sumUp(in, 8L * items));
      requireCrc(name, "strings", textsCrc, IdTableWriter.sumUp(in, textBytes));
    }
  }

  private static void requireCrc(String name, String section, int expected, int found) {
    require(
        name,
        "CRC32C of the " + section,
        Integer.toHexString(expected),
        Integer.toHexString(found));
  }

  private static void require(String name, String what, Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new CorruptIndexException(name, what, expected, found + "; the file is damaged");
    }
  }
}
