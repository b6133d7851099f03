package org.annoyspark.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;

/**
 * The ids of an input in their order, each with its position: without the vectors, which are some
 * hundred times as large. Moved between tasks once; what is asked of them later reads what that has
 * left.
 */
final class SortedIds {

  private final JavaRDD<InternalRow> sorted;
  private final IdColumn column;
  private final long[] firstPositions;
  private final Examples repeated = new Examples();
  private long rows;
  private long hash;

  /** What a task found out about its part. */
  private record Part(long rows, long hash, Examples repeated) implements Serializable {}

  /** Sorts all ids that are not null. */
  SortedIds(InputRows input) {
    Dataset<Row> all = input.rows();
    Dataset<Row> ids =
        all.select(Columns.column(all, input.ids().name()).as("id"))
            .filter("id is not null")
            // An order that the input has already need not have equal ids in one partition.
            .repartitionByRange(functions.col("id"))
            .sortWithinPartitions("id");
    this.sorted = ids.queryExecution().toRdd().toJavaRDD();
    this.column = IdColumn.of(ids.schema(), "id");
    IdColumn idColumn = column;
    List<Part> parts =
        Tasks.collect(
            sorted.mapPartitions(
                part -> List.of(Tasks.toBytes(lookAt(part, idColumn))).iterator()));
    this.firstPositions = new long[parts.size()];
    for (int p = 0; p < firstPositions.length; p++) {
      Part part = parts.get(p);
      firstPositions[p] = rows;
      rows += part.rows();
      hash += part.hash();
      repeated.add(part.repeated());
    }
  }

  /** Equal ids are neighbours, for the sort puts them into one part. */
  private static Part lookAt(Iterator<InternalRow> part, IdColumn column) {
    Examples repeated = new Examples();
    byte[] last = null;
    boolean isRepeated = false;
    long rows = 0;
    long hash = 0;
    for (; part.hasNext(); rows++) {
      InternalRow row = part.next();
      byte[] key = column.readKey(row);
      boolean isSame = last != null && Arrays.equals(last, key);
      if (isSame && !isRepeated) {
        repeated.add(column.read(row));
      }
      isRepeated = isSame;
      last = key;
      hash += RowHash.of(key);
    }
    return new Part(rows, hash, repeated);
  }

  /** How many there are. */
  long rows() {
    return rows;
  }

  /** Equal for the same ids, and else different but for a chance of 2^-64. */
  long hash() {
    return hash;
  }

  /** The ids that come more than once. */
  Examples repeated() {
    return repeated;
  }

  /** What a task makes of its part. */
  interface PartFunction<T> extends Serializable {

    /**
     * @param column of the ids
     * @param position of the first id of the part among all ids
     */
    Iterator<T> call(Iterator<InternalRow> part, IdColumn column, long position);
  }

  /** Visits all ids, part by part. */
  <T> JavaRDD<T> mapParts(PartFunction<T> function) {
    IdColumn idColumn = column;
    long[] positions = firstPositions;
    return sorted.mapPartitionsWithIndex(
        (part, rows) -> function.call(rows, idColumn, positions[part]), true);
  }
}
