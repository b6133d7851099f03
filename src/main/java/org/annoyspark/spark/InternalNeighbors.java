package org.annoyspark.spark;

import org.annoyspark.storage.IdTable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/** Neighbours as Spark itself holds them, as {@link KnnJoin#neighborsType} has them. */
public final class InternalNeighbors {

  private InternalNeighbors() {}

  /** The id of an item as Spark itself holds it. */
  public static Object id(IdTable ids, int item) {
    Object id = ids.id(item);
    return id instanceof String text ? UTF8String.fromString(text) : id;
  }

  /** One neighbour. */
  public static InternalRow neighbor(IdTable ids, int item, float distance) {
    return new GenericInternalRow(new Object[] {id(ids, item), distance});
  }
}
