package org.annoyspark.index;

import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Query;

/**
 * One thread's search for one vector after another: the algorithm of docs/annoy-format.md, "Query",
 * with scratch memory that is used again and again.
 */
final class Searcher {

  /** Rows whose misses are waited for together. */
  private static final int BATCH_ROWS = 32;

  private final Forest forest;
  private final Query query;
  private final TreeWalk walk;
  private final CandidateSet candidates;
  private final NeighborQueue nearest = new NeighborQueue();
  private final int[] bucket;
  private final int[] batch;
  private final float[] distances;
  private final TreeWalk.LeafVisitor addLeaf = this::addLeaf;

  Searcher(NodeStore store, Forest forest, Metric metric) {
    this.forest = forest;
    this.query = metric.newQuery(store);
    this.walk = new TreeWalk(store, forest, query);
    this.candidates = new CandidateSet(forest.items());
    this.bucket = new int[store.layout().bucketCapacity()];
    this.batch = new int[Math.min(BATCH_ROWS, query.capacity())];
    this.distances = new float[batch.length];
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
    } catch (CorruptIndexException e) {
      candidates.clear();
      throw e;
    }
    measureCandidates();
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
      query.load(batch, 0, length);
      query.measure(length, distances);
      for (int i = 0; i < length; i++) {
        nearest.offer(distances[i], batch[i]);
      }
    }
  }
}
