package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.annoyspark.storage.PublishedIndex;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Joins a part of the index's own items with the others. */
record ItemTask(NeighborSearch search, int parts)
    implements FlatMapFunction<Integer, Row>, Serializable {

  @Override
  public Iterator<Row> call(Integer part) throws IOException {
    PublishedIndex published = search.open();
    BatchBytes batchBytes = search.batchBytes();
    long queryBytes = batchBytes.ofQuery(published.index(), search.k(), Float.BYTES);
    return new Batched<>(
        Arrays.stream(published.index().itemsByLeaf(part, parts)).iterator(),
        batchBytes.most(),
        item -> queryBytes,
        batch -> join(batch, published));
  }

  private Iterator<Row> join(List<Integer> batch, PublishedIndex published) {
    int[] items = batch.stream().mapToInt(item -> item).toArray();
    float[][] vectors = batch.stream().map(published.index()::itemVector).toArray(float[][]::new);
    Row[][] found = search.nearest(published, vectors, items, null, null);
    return IntStream.range(0, items.length)
        .mapToObj(i -> RowFactory.create(published.ids().id(items[i]), found[i]))
        .iterator();
  }
}
