package org.annoyspark.index;

import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.function.Supplier;
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
    return search(vectors, k, searchK, null, null);
  }

  /**
   * The same, among some items. They count for {@code searchK} as if all were wanted.
   *
   * @param allowed the items that are wanted; null for all
   * @param excluded for each vector items that are not, ascending; null if there are none
   */
  Neighbors[] search(float[][] vectors, int k, long searchK, ItemSet allowed, int[][] excluded) {
    return inParts(
        vectors, k, excluded, (part, nearest) -> search(part, searchK, allowed, nearest));
  }

  /**
   * The neighbours among the items given, each of which is measured from each vector.
   *
   * @param items called for each part of the vectors; holes are left out
   */
  Neighbors[] measureAll(
      float[][] vectors, int k, Supplier<PrimitiveIterator.OfInt> items, int[][] excluded) {
    return inParts(vectors, k, excluded, (part, nearest) -> measureAll(part, items.get(), nearest));
  }

  /** Fills a table for some vectors. */
  private interface TableFiller {
    void fill(float[][] vectors, NeighborTable nearest);
  }

  private Neighbors[] inParts(float[][] vectors, int k, int[][] excluded, TableFiller filler) {
    int kept = Math.min(k, forest.items());
    int atOnce = (int) Math.max(1, MOST_TABLE_LONGS / NeighborTable.longsPerQuery(kept));
    Neighbors[] found = new Neighbors[vectors.length];
    for (int from = 0; from < vectors.length; from += atOnce) {
      int to = Math.min(from + atOnce, vectors.length);
      float[][] part = Arrays.copyOfRange(vectors, from, to);
      NeighborTable nearest =
          new NeighborTable(
              part.length, kept, excluded == null ? null : Arrays.copyOfRange(excluded, from, to));
      filler.fill(part, nearest);
      for (int i = 0; i < part.length; i++) {
        found[from + i] = nearest.neighbors(i);
      }
    }
    return found;
  }

  private void search(float[][] vectors, long searchK, ItemSet allowed, NeighborTable nearest) {
    pairs.clear();
    for (int vector : byFirstLeaf(vectors)) {
      query.bind(vectors[vector]);
      walk.run(
          searchK,
          node -> {
            pairs.add(node, vector);
            if (pairs.isFull()) {
              measurePairs(vectors, allowed, nearest);
              // The walk goes on with its own vector.
              query.bind(vectors[vector]);
            }
          });
    }
    measurePairs(vectors, allowed, nearest);
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

  private void measurePairs(float[][] vectors, ItemSet allowed, NeighborTable nearest) {
    pairs.sortByLeaf();
    int size = pairs.size();
    for (int from = 0, to; from < size; from = to) {
      to = from + 1;
      while (to < size && pairs.leaf(to) == pairs.leaf(from)) {
        to++;
      }
      int count = forest.dropHoles(leaf, forest.readLeaf(pairs.leaf(from), leaf));
      if (allowed != null) {
        count = keep(allowed, count);
      }
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

  /** Moves the allowed items of the leaf to its start; returns how many there are. */
  private int keep(ItemSet allowed, int count) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (allowed.contains(leaf[i])) {
        leaf[kept++] = leaf[i];
      }
    }
    return kept;
  }

  private void measureAll(float[][] vectors, PrimitiveIterator.OfInt items, NeighborTable nearest) {
    while (items.hasNext()) {
      int read = 0;
      while (read < distances.length && items.hasNext()) {
        leaf[read++] = items.nextInt();
      }
      int length = forest.dropHoles(leaf, read);
      query.load(leaf, 0, length);
      for (int i = 0; i < vectors.length; i++) {
        query.bind(vectors[i]);
        query.measure(length, distances);
        nearest.offer(i, distances, leaf, 0, length);
      }
    }
  }
}
