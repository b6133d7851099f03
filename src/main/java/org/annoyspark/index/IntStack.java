package org.annoyspark.index;

import java.util.Arrays;

/** A stack of ints that grows, for walks that recursion would overflow. */
final class IntStack {

  private int[] values = new int[64];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  void push(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, Math.multiplyExact(2, size));
    }
    values[size++] = value;
  }

  int pop() {
    return values[--size];
  }
}
