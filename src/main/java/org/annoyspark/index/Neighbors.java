package org.annoyspark.index;

/**
 * The answer to a query, nearest first; ties stand in item order.
 *
 * @param items item numbers
 * @param distances as the metric tells them to callers: for {@code dot} the inner product, larger
 *     is nearer; otherwise smaller is nearer
 */
public record Neighbors(int[] items, float[] distances) {

  /** How many were found: at most k. */
  public int size() {
    return items.length;
  }
}
