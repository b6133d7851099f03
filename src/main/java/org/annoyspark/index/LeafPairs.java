package org.annoyspark.index;

import java.util.Arrays;

/**
 * Pairs of a leaf and a query that looks at it, collected by query and taken out by leaf. Grows up
 * to its limit and is used again.
 */
final class LeafPairs {

  /** 256 counters stay in the cache with what they count. */
  private static final int DIGIT_BITS = 8;

  private final int limit;
  private long[] pairs;
  private long[] scratch = new long[0];
  private int size;

  LeafPairs(int limit) {
    this.limit = limit;
    this.pairs = new long[Math.min(1024, limit)];
  }

  int size() {
    return size;
  }

  boolean isFull() {
    return size == limit;
  }

  /** Adds a pair, if it is not full. */
  void add(int leaf, int query) {
    if (size == pairs.length) {
      pairs = Arrays.copyOf(pairs, (int) Math.min(2L * size, limit));
    }
    pairs[size++] = ((long) leaf << Integer.SIZE) | (query & 0xffff_ffffL);
  }

  void clear() {
    size = 0;
  }

  int leaf(int i) {
    return (int) (pairs[i] >> Integer.SIZE);
  }

  int query(int i) {
    return (int) pairs[i];
  }

  /** By leaf; the queries of one leaf as they were added. */
  void sortByLeaf() {
    if (scratch.length < size) {
      scratch = new long[pairs.length];
    }
    long all = 0;
    for (int i = 0; i < size; i++) {
      all |= pairs[i];
    }
    int end = Long.SIZE - Long.numberOfLeadingZeros(all);
    for (int shift = Integer.SIZE; shift < end; shift += DIGIT_BITS) {
      sortByDigit(shift);
    }
  }

  /** A pass of a radix sort. */
  private void sortByDigit(int shift) {
    int mask = (1 << DIGIT_BITS) - 1;
    int[] ends = new int[1 << DIGIT_BITS];
    for (int i = 0; i < size; i++) {
      ends[(int) (pairs[i] >>> shift) & mask]++;
    }
    for (int digit = 1; digit < ends.length; digit++) {
      ends[digit] += ends[digit - 1];
    }
    for (int i = size - 1; i >= 0; i--) {
      scratch[--ends[(int) (pairs[i] >>> shift) & mask]] = pairs[i];
    }
    long[] sorted = scratch;
    scratch = pairs;
    pairs = sorted;
  }
}
