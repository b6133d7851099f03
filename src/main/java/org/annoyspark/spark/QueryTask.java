package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.annoyspark.storage.IdTable;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Joins queries that come as rows.
 *
 * @param columns how many columns of a row are passed on; there may be more
 * @param ids the queries' own, which are left out; null if they are not
 * @param allow for each query the only ids that it may find; null if there is no such column
 * @param exclude for each query ids that it may not find; null if there is no such column
 */
record QueryTask(
    NeighborSearch search,
    int columns,
    VectorColumn vectors,
    IdColumn ids,
    IdListColumn allow,
    IdListColumn exclude)
    implements MapPartitionsFunction<Row, Row>, Serializable {

  /** A coordinate of a query in a row of Spark, where it is an object, and in our array. */
  private static final int COORDINATE_BYTES = 28;

  private static final int[] NONE = {};

  /** The same with another build. */
  QueryTask of(IndexAddress address) {
    return new QueryTask(search.of(address), columns, vectors, ids, allow, exclude);
  }

  @Override
  public Iterator<Row> call(Iterator<Row> queries) throws IOException {
    PublishedIndex published = search.open();
    BatchBytes batchBytes = search.batchBytes();
    long queryBytes = batchBytes.ofQuery(published.index(), search.k(), COORDINATE_BYTES);
    return new Batched<>(
        queries,
        batchBytes.most(),
        query -> queryBytes + listBytes(allow, query) + listBytes(exclude, query),
        batch -> join(batch, published));
  }

  private static long listBytes(IdListColumn lists, Row query) {
    return lists == null ? 0 : lists.bytes(query);
  }

  private Iterator<Row> join(List<Row> queries, PublishedIndex published) {
    float[][] batch = queries.stream().map(this::vector).toArray(float[][]::new);
    IdTable table = published.ids();
    Row[][] found =
        search.nearest(
            published,
            batch,
            selves(queries, table),
            lists(allow, queries, table, null),
            lists(exclude, queries, table, NONE));
    return IntStream.range(0, found.length)
        .mapToObj(i -> append(queries.get(i), found[i]))
        .iterator();
  }

  private float[] vector(Row query) {
    if (vectors.isNull(query)) {
      throw new InvalidInputException(
          "column '" + vectors.name + "': expected a vector in every row, found null");
    }
    return vectors.read(query);
  }

  /** The queries' own items, or -1; null if they are not left out. */
  private int[] selves(List<Row> queries, IdTable table) {
    return ids == null
        ? null
        : queries.stream()
            .mapToInt(row -> ids.isNull(row) ? -1 : table.item(ids.read(row)).orElse(-1))
            .toArray();
  }

  private static int[][] lists(
      IdListColumn column, List<Row> queries, IdTable table, int[] withoutList) {
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

  private Row append(Row query, Row[] neighbors) {
    Object[] values = new Object[columns + 1];
    for (int i = 0; i < columns; i++) {
      values[i] = query.get(i);
    }
    values[columns] = neighbors;
    return RowFactory.create(values);
  }
}
