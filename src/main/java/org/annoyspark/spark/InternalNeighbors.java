package org.annoyspark.spark;

import org.annoyspark.storage.IdTable;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeArrayWriter;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/** Neighbours as Spark itself holds them, as {@link KnnJoin#neighborsType} has them. */
public final class InternalNeighbors {

  /** In Spark's format: a place in the array, and a row of two fields with its bits for nulls. */
  private static final int BYTES_PER_NEIGHBOR = 32;

  /** How many there are, and up to a word more than a bit of each, for nulls. */
  private static final int FIXED_BYTES = 16;

  /** Of more, the writers grow as they write. */
  private static final int MOST_FORESEEN = 1 << 20;

  private InternalNeighbors() {}

  /** The id of an item as Spark itself holds it. */
  public static Object id(IdTable ids, int item) {
    return isText(ids) ? UTF8String.fromBytes(ids.text(item)) : ids.id(item);
  }

  /**
   * An array of neighbours, in the binary format of Spark's rows: without an object for each, nor
   * for its id, unless that is a string; and as long as need be, for many are kept together.
   *
   * @param count how many of the items and distances it has, from the first
   */
  public static ArrayData array(IdTable ids, int[] items, float[] distances, int count) {
    // Spark's writers write to a row.
    int foreseen = Math.min(count, MOST_FORESEEN);
    UnsafeRowWriter row =
        new UnsafeRowWriter(1, FIXED_BYTES + foreseen / Byte.SIZE + BYTES_PER_NEIGHBOR * foreseen);
    UnsafeArrayWriter array = new UnsafeArrayWriter(row, Long.BYTES);
    UnsafeRowWriter neighbor = new UnsafeRowWriter(row, 2);
    row.reset();
    int start = row.cursor();
    array.initialize(count);
    for (int i = 0; i < count; i++) {
      int neighborStart = row.cursor();
      neighbor.resetRowWriter();
      writeId(ids, items[i], neighbor);
      neighbor.write(1, distances[i]);
      array.setOffsetAndSizeFromPreviousCursor(i, neighborStart);
    }
    row.setOffsetAndSizeFromPreviousCursor(0, start);
    UnsafeArrayData written = row.getRow().getArray(0);
    boolean hasGrown = isText(ids) || count > foreseen;
    return hasGrown ? written.copy() : written;
  }

  private static boolean isText(IdTable ids) {
    return ids.type().equals("string");
  }

  private static void writeId(IdTable ids, int item, UnsafeRowWriter neighbor) {
    switch (ids.type()) {
      case "int" -> neighbor.write(0, (int) ids.number(item));
      case "long" -> neighbor.write(0, ids.number(item));
      default -> neighbor.write(0, UTF8String.fromBytes(ids.text(item)));
    }
  }
}
