package org.annoyspark.index;

import java.util.Arrays;

/**
 * Which of many items can be among the k nearest, by bounds of their distances: those whose lower
 * bound is at most the k-th smallest upper bound. Used again and again by one thread.
 */
final class Shortlist {

  private final NeighborQueue uppers = new NeighborQueue();
  private int[] items = new int[256];
  private float[] lowers = new float[256];
  private int size;
  private int drained;

  void reset(int k) {
    uppers.reset(k);
    size = 0;
    drained = 0;
  }

  /**
   * Offers items with the bounds of their distances; a NaN bounds nothing.
   *
   * @param length how many, from the start of the arrays
   */
  void offer(int[] offered, float[] lower, float[] upper, int length) {
    if (size + length > items.length) {
      // Both or none, should memory end.
      int[] moreItems = Arrays.copyOf(items, 2 * (size + length));
      lowers = Arrays.copyOf(lowers, moreItems.length);
      items = moreItems;
    }
    float bound = uppers.bound();
    for (int i = 0; i < length; i++) {
      if (!(lower[i] > bound)) {
        items[size] = offered[i];
        lowers[size++] = lower[i];
        uppers.offer(upper[i], offered[i]);
        bound = uppers.bound();
      }
    }
  }

  /**
   * Takes out items in the order in which they were offered; none may be offered afterwards.
   *
   * @return how many: less than the target holds only when no more are left
   */
  int drain(int[] target) {
    float bound = uppers.bound();
    int count = 0;
    for (; drained < size && count < target.length; drained++) {
      if (!(lowers[drained] > bound)) {
        target[count++] = items[drained];
      }
    }
    return count;
  }
}
