package org.annoyspark.eval;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.NeighborQueue;
import org.annoyspark.index.Neighbors;
import org.annoyspark.metric.Query;

/** The true neighbours, by comparing every query with every item. */
public final class ExactSearcher {

  /** Queries that a thread takes through all items together. */
  private static final int BATCH_QUERIES = 64;

  private final AnnoyIndex index;
  private final int[] items;

  public ExactSearcher(AnnoyIndex index) {
    this.index = index;
    this.items = IntStream.range(0, index.items()).filter(index::isItem).toArray();
  }

  /**
   * The k nearest of all items for each query, on all cores.
   *
   * @param queries vectors of the index's dimension
   */
  public Neighbors[] nearest(float[][] queries, int k) {
    Neighbors[] found = new Neighbors[queries.length];
    IntStream.rangeClosed(0, (queries.length - 1) / BATCH_QUERIES)
        .parallel()
        .forEach(batch -> searchBatch(queries, batch * BATCH_QUERIES, k, found));
    return found;
  }

  private void searchBatch(float[][] queries, int from, int k, Neighbors[] found) {
    int to = Math.min(from + BATCH_QUERIES, queries.length);
    NeighborQueue[] nearest = new NeighborQueue[to - from];
    Arrays.setAll(
        nearest,
        i -> {
          NeighborQueue queue = new NeighborQueue();
          queue.reset(k);
          return queue;
        });
    Query query = index.newQuery();
    float[] distances = new float[query.capacity()];
    for (int block = 0; block < items.length; block += distances.length) {
      int length = Math.min(distances.length, items.length - block);
      query.load(items, block, length);
      for (int i = 0; i < nearest.length; i++) {
        query.bind(queries[from + i]);
        query.measure(length, distances);
        for (int j = 0; j < length; j++) {
          nearest[i].offer(distances[j], items[block + j]);
        }
      }
    }
    for (int i = 0; i < nearest.length; i++) {
      found[from + i] = index.toCallerDistances(nearest[i].drain());
    }
  }
}
