package org.annoyspark.spark;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.annoyspark.storage.IdTable;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.util.ArrayData;

/**
 * Joins queries that come as rows.
 *
 * @param ids the queries' own, which are left out; null if they are not
 * @param allow for each query the only ids that it may find; null if there is no such column
 * @param exclude for each query ids that it may not find; null if there is no such column
 */
record QueryTask(
    NeighborSearch search,
    VectorColumn vectors,
    IdColumn ids,
    IdListColumn allow,
    IdListColumn exclude)
    implements Serializable {

  private static final int[] NONE = {};

  /** The same with another build. */
  QueryTask of(IndexAddress address) {
    return new QueryTask(search.of(address), vectors, ids, allow, exclude);
  }

  /** The queries in their order, each with its neighbours. */
  <Q extends InternalRow> Iterator<InternalRow> join(List<Q> queries, PublishedIndex published) {
    float[][] batch = queries.stream().map(this::vector).toArray(float[][]::new);
    IdTable table = published.ids();
    ArrayData[] found =
        search.nearest(
            published,
            batch,
            selves(queries, table),
            lists(allow, queries, table, null),
            lists(exclude, queries, table, NONE));
    // Spark copies each row before it asks for the next.
    JoinedRow joined = new JoinedRow();
    return IntStream.range(0, found.length)
        .mapToObj(i -> joined(joined, queries.get(i), found[i]))
        .iterator();
  }

  private static InternalRow joined(JoinedRow joined, InternalRow query, ArrayData neighbors) {
    return joined.apply(query, new GenericInternalRow(new Object[] {neighbors}));
  }

  private float[] vector(InternalRow query) {
    if (query.isNullAt(vectors.index)) {
      throw new InvalidInputException(
          "column '" + vectors.name + "': expected a vector in every row, found null");
    }
    return vectors.read(query);
  }

  /** The queries' own items, or -1; null if they are not left out. */
  private int[] selves(List<? extends InternalRow> queries, IdTable table) {
    return ids == null
        ? null
        : queries.stream()
            .mapToInt(row -> row.isNullAt(ids.index()) ? -1 : table.item(ids.read(row)).orElse(-1))
            .toArray();
  }

  private static int[][] lists(
      IdListColumn column, List<? extends InternalRow> queries, IdTable table, int[] withoutList) {
    if (column == null) {
      return null;
    }
    int[][] lists = new int[queries.size()][];
    for (int i = 0; i < lists.length; i++) {
      int[] items = column.items(queries.get(i), table);
      lists[i] = items == null ? withoutList : items;
    }
    return lists;
  }
}
