package org.annoyspark.index;

import java.util.Arrays;

/** A binary max-heap of longs that grows and is used again. */
final class LongHeap {

  private long[] heap;
  private int size;

  LongHeap(int initialCapacity) {
    heap = new long[initialCapacity];
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  /** The largest entry of a heap that is not empty. */
  long top() {
    return heap[0];
  }

  void push(long entry) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, Math.multiplyExact(2, size));
    }
    int at = size++;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (heap[parent] >= entry) {
        break;
      }
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes out the largest entry of a heap that is not empty. */
  long pop() {
    long top = heap[0];
    long last = heap[--size];
    replaceTop(last);
    return top;
  }

  /** Puts an entry in the place of the largest. */
  void replaceTop(long entry) {
    int at = 0;
    for (int child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && heap[child + 1] > heap[child]) {
        child++;
      }
      if (heap[child] <= entry) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = entry;
  }
}
