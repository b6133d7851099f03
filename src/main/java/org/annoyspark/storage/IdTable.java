package org.annoyspark.storage;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.annoyspark.format.IndexMetadata;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** External ids of item numbers, and back. Safe for many threads. */
public abstract class IdTable {

  /** Columns of the Parquet files. */
  public static final String ITEM_COLUMN = "item";

  public static final String ID_COLUMN = "id";

  /** What ids are: int, long or string. */
  public abstract String type();

  /** The id of an item, if ids are numbers. */
  public abstract long number(int item);

  /** The id of an item in UTF-8, if ids are strings. */
  public abstract byte[] text(int item);

  /** The external id of an item: Integer, Long or String. */
  public final Serializable id(int item) {
    return switch (type()) {
      case "int" -> (Serializable) (int) number(item);
      case "long" -> (Serializable) number(item);
      default -> new String(text(item), StandardCharsets.UTF_8);
    };
  }

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
   * Opens the mapping that metadata names, as a table in the cache of this host: the first process
   * makes it of the Parquet files, all map it.
   *
   * @throws java.io.FileNotFoundException if there is no such directory
   * @throws org.annoyspark.format.CorruptIndexException if it does not number all items from 0 on,
   *     in the order of their ids
   */
  public static IdTable open(Path directory, IndexMetadata metadata, Configuration conf)
      throws IOException {
    Path qualified = directory.getFileSystem(conf).makeQualified(directory);
    String identity =
        String.join("\n", IdTableFile.FORMAT, qualified.toString(), metadata.checksum());
    HostIndexCache.Lease lease =
        new HostIndexCache(conf)
            .lease(
                identity,
                directory.getName() + ".table",
                new IdTableFile(directory, metadata.items(), metadata.ids().type(), conf));
    try {
      IdTable table = MappedIdTable.open(lease.path(), metadata.items(), metadata.ids().type());
      lease.closeAfter(table);
      return table;
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private static final class Identity extends IdTable {
    @Override
    public String type() {
      return "int";
    }

    @Override
    public long number(int item) {
      return item;
    }

    @Override
    public byte[] text(int item) {
      throw new UnsupportedOperationException("ids are numbers");
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
}
