package org.annoyspark.metric;

import java.util.Arrays;
import org.annoyspark.vector.VectorUtil;

/**
 * Two centroids that random items pull apart: docs/annoy-format.md, "Choosing a split". Subclasses
 * tell how far items are from a centroid.
 */
abstract class TwoMeans {

  /**
   * How many items are measured before any of them moves a centroid. One by one, each would wait
   * for the one before it, and the kernels measure rows faster by fours.
   */
  private static final int BATCH_ITEMS = 8;

  final FloatRows rows;
  private final Centroid p;
  private final Centroid q;
  private final float[] toP = new float[BATCH_ITEMS];
  private final float[] toQ = new float[BATCH_ITEMS];

  TwoMeans(FloatRows rows) {
    this.rows = rows;
    this.p = new Centroid(rows.stride);
    this.q = new Centroid(rows.stride);
  }

  /** One side's mean. */
  static final class Centroid {
    final float[] sum;
    private final float[] mean;
    private int count;

    private Centroid(int length) {
      this.sum = new float[length];
      this.mean = new float[length];
    }

    private void start(FloatRows rows, int slot) {
      Arrays.fill(sum, 0);
      count = 0;
      add(rows, slot);
    }

    private void add(FloatRows rows, int slot) {
      VectorUtil.addScaled(rows.values, rows.offset(slot), rows.scale(slot), sum, sum.length);
      count++;
    }

    /** Overwritten by the next call. */
    final float[] mean() {
      System.arraycopy(sum, 0, mean, 0, sum.length);
      VectorUtil.scale(mean, 0, mean.length, 1f / count);
      return mean;
    }
  }

  /**
   * Measures {@code sample[from .. from + count - 1]}; NaN for a row that is to move no centroid.
   */
  abstract void distances(Centroid centroid, int[] sample, int from, int count, float[] target);

  /** What two means are divided by. */
  interface Divider {
    Hyperplane between(float[] p, float[] q);
  }

  /** Runs all steps. */
  final Hyperplane run(int[] sample, Divider divider) {
    p.start(rows, sample[0]);
    q.start(rows, sample[1]);
    for (int from = Split.SEEDS; from < sample.length; from += BATCH_ITEMS) {
      int count = Math.min(BATCH_ITEMS, sample.length - from);
      distances(p, sample, from, count, toP);
      distances(q, sample, from, count, toQ);
      for (int i = 0; i < count; i++) {
        move(sample[from + i], p.count * toP[i], q.count * toQ[i]);
      }
    }
    return divider.between(p.mean(), q.mean());
  }

  private void move(int slot, float weightedToP, float weightedToQ) {
    if (weightedToP < weightedToQ) {
      p.add(rows, slot);
    } else if (weightedToQ < weightedToP) {
      q.add(rows, slot);
    }
  }
}
