package org.annoyspark.index;

/** The k smallest of many (distance, item) pairs, by distance, then item; NaN comes last. */
public final class NeighborQueue {

  private final LongHeap heap = new LongHeap(16);
  private int limit;

  /** Empties the queue for a new k, which is at least 1. */
  public void reset(int k) {
    heap.clear();
    limit = k;
  }

  /** Offers a pair; it stays if it is among the k smallest so far. */
  public void offer(float distance, int item) {
    long pair = OrderedFloat.pack(distance, item);
    if (heap.size() < limit) {
      heap.push(pair);
    } else if (pair < heap.top()) {
      heap.replaceTop(pair);
    }
  }

  /** The largest distance kept if there are k: a pair with a larger one is not; else infinity. */
  float bound() {
    return heap.size() < limit ? Float.POSITIVE_INFINITY : OrderedFloat.high(heap.top());
  }

  /**
   * The pairs kept, nearest first; the queue is empty afterwards. Nothing is allocated but what is
   * returned.
   */
  public Neighbors drain() {
    int[] items = new int[heap.size()];
    float[] distances = new float[items.length];
    for (int i = items.length - 1; i >= 0; i--) {
      long farthest = heap.pop();
      items[i] = OrderedFloat.low(farthest);
      distances[i] = OrderedFloat.high(farthest);
    }
    return new Neighbors(items, distances);
  }
}
