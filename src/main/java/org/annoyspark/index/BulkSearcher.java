package org.annoyspark.index;

import java.util.Arrays;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Query;

/**
 * Searches for many vectors together, leaf by leaf: all walk the trees first, and then each leaf's
 * rows are read once and measured from all vectors that came to it, while they stay in the cache.
 * The answers are those of {@link Searcher}, for the leaves are the same, and a pair of vector and
 * item has one distance however often it is met. docs/adr/0013 has the reasons.
 */
final class BulkSearcher {

  /** Up to 32 MiB of pairs, half of them to sort the others. */
  private static final int MOST_PAIRS = 1 << 21;

  /** 128 MiB of neighbours found so far. */
  private static final long MOST_TABLE_LONGS = 1 << 24;

  private final Forest forest;
  private final Query query;
  private final TreeWalk walk;
  private final LeafPairs pairs;
  private final int[] leaf;
  private final float[] distances;

  BulkSearcher(NodeStore store, Forest forest, Metric metric) {
    this(store, forest, metric, MOST_PAIRS);
  }

  /**
   * @param mostPairs how many (leaf, vector) are collected before leaves are looked at
   */
  BulkSearcher(NodeStore store, Forest forest, Metric metric, int mostPairs) {
    this.forest = forest;
    this.query = metric.newQuery(store);
    this.walk = new TreeWalk(store, forest, query);
    this.pairs = new LeafPairs(mostPairs);
    this.leaf = new int[store.layout().bucketCapacity()];
    this.distances = new float[Math.min(leaf.length, query.capacity())];
  }

  /**
   * The neighbours of each vector, with distances of the search.
   *
   * @throws CorruptIndexException if the search of any meets a damaged node
   */
  Neighbors[] search(float[][] vectors, int k, long searchK) {
    int kept = Math.min(k, forest.items());
    int atOnce = (int) Math.max(1, MOST_TABLE_LONGS / NeighborTable.longsPerQuery(kept));
    Neighbors[] found = new Neighbors[vectors.length];
    for (int from = 0; from < vectors.length; from += atOnce) {
      float[][] part = Arrays.copyOfRange(vectors, from, Math.min(from + atOnce, vectors.length));
      NeighborTable nearest = new NeighborTable(part.length, kept);
      search(part, searchK, nearest);
      for (int i = 0; i < part.length; i++) {
        found[from + i] = nearest.neighbors(i);
      }
    }
    return found;
  }

  private void search(float[][] vectors, long searchK, NeighborTable nearest) {
    pairs.clear();
    for (int vector : byFirstLeaf(vectors)) {
      query.bind(vectors[vector]);
      walk.run(
          searchK,
          node -> {
            pairs.add(node, vector);
            if (pairs.isFull()) {
              measurePairs(vectors, nearest);
              // The walk goes on with its own vector.
              query.bind(vectors[vector]);
            }
          });
    }
    measurePairs(vectors, nearest);
  }

  /** The order of the vectors by where they are in the first tree: neighbours walk alike. */
  private int[] byFirstLeaf(float[][] vectors) {
    long[] keys = new long[vectors.length];
    for (int i = 0; i < vectors.length; i++) {
      query.bind(vectors[i]);
      keys[i] = ((long) firstLeaf() << Integer.SIZE) | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  private int firstLeaf() {
    try {
      return walk.firstLeaf();
    } catch (CorruptIndexException e) {
      // Whether a search meets that node is for the search to say.
      return 0;
    }
  }

  private void measurePairs(float[][] vectors, NeighborTable nearest) {
    pairs.sortByLeaf();
    int size = pairs.size();
    for (int from = 0, to; from < size; from = to) {
      to = from + 1;
      while (to < size && pairs.leaf(to) == pairs.leaf(from)) {
        to++;
      }
      int count = forest.dropHoles(leaf, forest.readLeaf(pairs.leaf(from), leaf));
      for (int start = 0; start < count; start += distances.length) {
        int length = Math.min(distances.length, count - start);
        query.load(leaf, start, length);
        for (int i = from; i < to; i++) {
          query.bind(vectors[pairs.query(i)]);
          query.measure(length, distances);
          nearest.offer(pairs.query(i), distances, leaf, start, length);
        }
      }
    }
    pairs.clear();
  }
}
