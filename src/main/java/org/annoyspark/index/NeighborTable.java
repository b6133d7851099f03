package org.annoyspark.index;

import java.util.Arrays;

/**
 * For each of many queries the k smallest different (distance, item) pairs among those offered, by
 * distance, then item; NaN comes last. A pair may be offered again and again: pairs are gathered,
 * and from time to time sorted, freed of repeats and of items that the query excludes, and cut to
 * k.
 */
final class NeighborTable {

  private static final int LEAST_SPARE = 16;
  private static final int[] NONE = {};

  private final int k;
  private final int capacity;
  private final long[] pairs;
  private final int[] counts;

  /** What a pair must not reach to be among the k of its query. */
  private final long[] bounds;

  /** Ascending, for each query; null if no query excludes any. */
  private final int[][] excluded;

  /** How many longs a table takes for each query. */
  static long longsPerQuery(int k) {
    return (long) k + Math.max(k, LEAST_SPARE);
  }

  /**
   * @param excluded for each query items that are not kept, ascending; null if there are none
   */
  NeighborTable(int queries, int k, int[][] excluded) {
    this.k = k;
    this.excluded = excluded;
    this.capacity = Math.toIntExact(longsPerQuery(k));
    this.pairs = new long[Math.multiplyExact(queries, capacity)];
    this.counts = new int[queries];
    this.bounds = new long[queries];
    Arrays.fill(bounds, Long.MAX_VALUE);
  }

  /**
   * Offers {@code items[from .. from + length - 1]}, at the distances that a query has from them.
   */
  void offer(int query, float[] distances, int[] items, int from, int length) {
    long bound = bounds[query];
    for (int i = 0; i < length; i++) {
      long pair = OrderedFloat.pack(distances[i], items[from + i]);
      if (pair < bound) {
        pairs[query * capacity + counts[query]++] = pair;
        if (counts[query] == capacity) {
          prune(query);
          bound = bounds[query];
        }
      }
    }
  }

  private void prune(int query) {
    int from = query * capacity;
    int to = from + counts[query];
    Arrays.sort(pairs, from, to);
    int[] without = excluded == null ? NONE : excluded[query];
    int end = from;
    for (int i = from; i < to && end < from + k; i++) {
      if ((end == from || pairs[i] != pairs[end - 1])
          && (without.length == 0
              || Arrays.binarySearch(without, OrderedFloat.low(pairs[i])) < 0)) {
        pairs[end++] = pairs[i];
      }
    }
    counts[query] = end - from;
    if (counts[query] == k) {
      bounds[query] = pairs[end - 1];
    }
  }

  /** A query's pairs, nearest first. */
  Neighbors neighbors(int query) {
    prune(query);
    int[] items = new int[counts[query]];
    float[] distances = new float[items.length];
    for (int i = 0; i < items.length; i++) {
      long pair = pairs[query * capacity + i];
      items[i] = OrderedFloat.low(pair);
      distances[i] = OrderedFloat.high(pair);
    }
    return new Neighbors(items, distances);
  }
}
