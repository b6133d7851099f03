package org.annoyspark.index;

import java.util.function.Supplier;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.QuantizedRows;
import org.annoyspark.metric.Query;

/**
 * One thread's search for one vector after another: the algorithm of docs/annoy-format.md, "Query",
 * with scratch memory that is used again and again.
 */
final class Searcher {

  /** Rows whose misses are waited for together. */
  private static final int BATCH_ROWS = 32;

  private static final int LEAST_CANDIDATES_PER_NEIGHBOR = 8;

  private final Forest forest;
  private final Query query;
  private final TreeWalk walk;
  private final CandidateSet candidates;
  private final NeighborQueue nearest = new NeighborQueue();
  private final Shortlist shortlist = new Shortlist();
  private final int[] bucket;
  private final int[] batch;
  private final float[] distances;
  private final float[] upperBounds;

  private final Supplier<QuantizedRows> quantized;

  /** Reading all rows once costs about as much as quantizing them, which so pays within that. */
  private long rowsUntilQuantized;

  private final TreeWalk.LeafVisitor addLeaf = this::addLeaf;

  /**
   * @param quantized gives those that all searchers of the index share; null if there are none, or
   *     none any more
   * @param rowsUntilQuantized how many rows to measure before these are used
   */
  Searcher(
      NodeStore store,
      Forest forest,
      Metric metric,
      Supplier<QuantizedRows> quantized,
      long rowsUntilQuantized) {
    this.forest = forest;
    this.query = metric.newQuery(store);
    this.walk = new TreeWalk(store, forest, query);
    this.candidates = new CandidateSet(forest.items());
    this.bucket = new int[store.layout().bucketCapacity()];
    this.batch = new int[Math.min(BATCH_ROWS, query.capacity())];
    this.distances = new float[batch.length];
    this.upperBounds = new float[batch.length];
    this.quantized = quantized;
    this.rowsUntilQuantized = rowsUntilQuantized;
  }

  Query query() {
    return query;
  }

  /**
   * The neighbours of the vector bound to {@link #query}, with distances of the search.
   *
   * @throws CorruptIndexException if the search meets a damaged node
   */
  Neighbors search(int k, long searchK) {
    nearest.reset(k);
    try {
      walk.run(searchK, addLeaf);
      // Of few candidates for each neighbour most would have to be measured all the same.
      boolean mostAreFar = searchK >= (long) LEAST_CANDIDATES_PER_NEIGHBOR * k;
      QuantizedRows rows =
          mostAreFar && rowsUntilQuantized <= 0 && query.canBound() ? quantized.get() : null;
      if (rows == null) {
        measureCandidates();
      } else {
        measureShortlist(rows, k);
      }
    } finally {
      // Where a node is damaged, or memory ends, some are left.
      candidates.clear();
    }
    return nearest.drain();
  }

  private void addLeaf(int node) {
    int count = forest.readLeaf(node, bucket);
    for (int i = 0; i < count; i++) {
      candidates.add(bucket[i]);
    }
  }

  private void measureCandidates() {
    for (int drained = candidates.drain(batch); drained > 0; drained = candidates.drain(batch)) {
      int length = forest.dropHoles(batch, drained);
      measureBatch(length);
      rowsUntilQuantized -= length;
    }
  }

  private void measureShortlist(QuantizedRows rows, int k) {
    shortlist.reset(k);
    for (int drained = candidates.drain(batch); drained > 0; drained = candidates.drain(batch)) {
      int length = query.loadQuantized(rows, batch, drained);
      query.boundDistances(length, distances, upperBounds);
      shortlist.offer(batch, distances, upperBounds, length);
    }
    for (int drained = shortlist.drain(batch); drained > 0; drained = shortlist.drain(batch)) {
      measureBatch(drained);
    }
  }

  private void measureBatch(int length) {
    query.load(batch, 0, length);
    query.measure(length, distances);
    for (int i = 0; i < length; i++) {
      nearest.offer(distances[i], batch[i]);
    }
  }
}
