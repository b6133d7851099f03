package org.annoyspark.index;

import java.util.Arrays;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Query;

/**
 * One thread's search: the algorithm of docs/annoy-format.md, "Query", with scratch memory that is
 * used again and again. Ids and links are checked before they are followed, so a damaged file ends
 * in a {@link CorruptIndexException}.
 */
final class Searcher {

  private static final int DISTANCES_AT_ONCE = 256;

  private final NodeStore store;
  private final Forest forest;
  private final Query query;
  private final int items;
  private final int[] roots;
  private final int bucketCapacity;

  private final LongHeap queue = new LongHeap(256);
  private final int[] bucket;
  private final float[] distances = new float[DISTANCES_AT_ONCE];
  private final NeighborQueue nearest = new NeighborQueue();

  /** A bit per item, set while the item is among the candidates. */
  private final long[] isCandidate;

  private int[] candidates = new int[1024];
  private int candidateCount;

  Searcher(NodeStore store, Forest forest, Metric metric) {
    this.store = store;
    this.forest = forest;
    this.query = metric.newQuery(store);
    this.items = forest.items();
    this.roots = forest.searchRoots();
    this.bucketCapacity = store.layout().bucketCapacity();
    this.bucket = new int[bucketCapacity];
    this.isCandidate = new long[(items - 1) / Long.SIZE + 1];
  }

  Query query() {
    return query;
  }

  /** The neighbours of the vector bound to {@link #query}, with distances of the search. */
  Neighbors search(int k, long searchK) {
    nearest.reset(k);
    try {
      collectCandidates(searchK);
      measureCandidates();
    } finally {
      forgetCandidates();
    }
    return nearest.drain();
  }

  private void collectCandidates(long searchK) {
    queue.clear();
    for (int root : roots) {
      queue.push(OrderedFloat.pack(query.rootPriority(), root));
    }
    long held = 0;
    int splits = 0;
    while (held < searchK && queue.size() > 0) {
      long entry = queue.pop();
      int node = OrderedFloat.low(entry);
      int descendants = store.descendants(node);
      if (descendants == 1 && node < items) {
        add(node);
        held++;
      } else if (descendants > bucketCapacity) {
        forest.checkEntered(++splits);
        enterSplit(node, OrderedFloat.high(entry));
      } else {
        held += addBucket(node, descendants);
      }
    }
  }

  private void enterSplit(int node, float priority) {
    float margin = query.margin(node);
    for (int side = 0; side <= 1; side++) {
      int child = forest.child(node, side);
      queue.push(OrderedFloat.pack(query.childPriority(priority, margin, side), child));
    }
  }

  private int addBucket(int node, int descendants) {
    if (descendants < 0) {
      throw new CorruptIndexException(
          store.name() + ": node " + node, "n_descendants", "0 or more", descendants);
    }
    store.readInts(node, store.layout().childOffsetBytes(0), bucket, 0, descendants);
    for (int i = 0; i < descendants; i++) {
      int item = bucket[i];
      if (item < 0 || item >= items) {
        throw new CorruptIndexException(
            store.name() + ": node " + node,
            "item id " + i + " of the bucket",
            "0 to " + (items - 1),
            item);
      }
      add(item);
    }
    return descendants;
  }

  private void add(int item) {
    long bit = 1L << item;
    int word = item / Long.SIZE;
    if ((isCandidate[word] & bit) == 0) {
      isCandidate[word] |= bit;
      if (candidateCount == candidates.length) {
        candidates = Arrays.copyOf(candidates, Math.multiplyExact(2, candidateCount));
      }
      candidates[candidateCount++] = item;
    }
  }

  private void measureCandidates() {
    for (int from = 0; from < candidateCount; from += DISTANCES_AT_ONCE) {
      int length = keepItems(from, Math.min(from + DISTANCES_AT_ONCE, candidateCount));
      query.distances(candidates, from, length, distances);
      for (int i = 0; i < length; i++) {
        nearest.offer(distances[i], candidates[from + i]);
      }
    }
  }

  /** Moves the holes of a range to its end; returns how many are none. */
  private int keepItems(int from, int to) {
    int kept = from;
    for (int i = from; i < to; i++) {
      int item = candidates[i];
      if (store.descendants(item) == 1) {
        candidates[i] = candidates[kept];
        candidates[kept++] = item;
      }
    }
    return kept - from;
  }

  private void forgetCandidates() {
    for (int i = 0; i < candidateCount; i++) {
      isCandidate[candidates[i] / Long.SIZE] = 0;
    }
    candidateCount = 0;
  }
}
