package org.annoyspark.metric;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many items have which length, in steps of 1/128 of a squared norm or less: counts by the
 * upper half of a float's bits, which sort as the floats do. Counts add up to the same however the
 * items were divided, so what is taken from them depends on the items alone. At most 32,641 steps,
 * some hundred for real data.
 */
final class NormCounts implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final int STEP_BITS = 16;

  private final TreeMap<Integer, Long> counts = new TreeMap<>();
  private long total;
  private float largest;

  /**
   * Counts an item.
   *
   * @param squaredNorm 0 or more; infinite if it is beyond the floats
   */
  void add(float squaredNorm) {
    counts.merge(Float.floatToIntBits(squaredNorm) >>> STEP_BITS, 1L, Long::sum);
    total++;
    largest = Math.max(largest, squaredNorm);
  }

  /** Adds what was counted elsewhere. */
  void add(NormCounts other) {
    other.counts.forEach((step, count) -> counts.merge(step, count, Long::sum));
    total += other.total;
    largest = Math.max(largest, other.largest);
  }

  /** The largest squared norm, to the last bit; 0 if there are no items. */
  float largest() {
    return largest;
  }

  /**
   * The end of the step that holds the item at that place in the order of lengths, or the largest
   * squared norm if that is less.
   *
   * @param percent above 0, up to 100, which is the largest item
   */
  float percentile(double percent) {
    long wanted = (long) Math.ceil(percent / 100 * total);
    long passed = 0;
    for (Map.Entry<Integer, Long> step : counts.entrySet()) {
      passed += step.getValue();
      if (passed >= wanted) {
        int end = (step.getKey() + 1 << STEP_BITS) - 1;
        float squaredNorm = Float.intBitsToFloat(end);
        return squaredNorm < largest ? squaredNorm : largest;
      }
    }
    return largest;
  }
}
