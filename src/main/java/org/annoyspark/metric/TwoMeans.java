package org.annoyspark.metric;

import org.annoyspark.vector.VectorUtil;

/**
 * Two centroids of a sample, by rounds like those of Lloyd's algorithm (S. Lloyd, "Least squares
 * quantization in PCM", IEEE Transactions on Information Theory 28, 1982) on ever more of it, whose
 * boundary keeps sides balanced: docs/annoy-format.md, "Choosing a split". Subclasses tell what a
 * mean is.
 */
abstract class TwoMeans {

  /** How many items of the sample each round takes, the first ones. */
  private static final int[] ROUND_ITEMS = {25, 50, 100, Split.SAMPLE_SIZE};

  private final FloatRows rows;

  /** What part of the items' mean projection the boundary lies at. */
  private final float balance;

  private final Side p;
  private final Side q;

  /**
   * Both, for one call of the kernel in a loop: with two calls it took two to three times as long
   * in most JVMs.
   */
  private final Side[] sides;

  private final float[] normal;
  private final float[] margins = new float[Split.SAMPLE_SIZE];

  /**
   * @param balance from 0, the boundary passes through the origin, to 1, through the items' mean
   */
  TwoMeans(FloatRows rows, float balance) {
    this.rows = rows;
    this.balance = balance;
    this.p = new Side();
    this.q = new Side();
    this.sides = new Side[] {p, q};
    this.normal = new float[rows.stride];
  }

  /** What a sum of items is multiplied by to be their mean. */
  abstract float meanScale(float[] sum, int count);

  /** The items to one side of the boundary, and their mean. */
  private final class Side {
    final float[] mean = new float[rows.stride];
    final int[] slots = new int[Split.SAMPLE_SIZE];
    final float[] scales = new float[Split.SAMPLE_SIZE];
    int count;

    /** Written in any case: whether it counts is a number, not a branch that nobody can predict. */
    void offer(int slot, float scale, boolean isMine) {
      slots[count] = slot;
      scales[count] = scale;
      count += isMine ? 1 : 0;
    }

    void moveToMean() {
      VectorUtil.weightedSum(rows.values, rows.stride, slots, count, scales, mean);
      VectorUtil.scale(mean, 0, mean.length, meanScale(mean, count));
    }
  }

  /** What two means are divided by. */
  interface Divider {
    Hyperplane between(float[] p, float[] q);
  }

  /** Runs all rounds. */
  final Hyperplane run(int[] sample, Divider divider) {
    p.count = 0;
    q.count = 0;
    p.offer(sample[0], rows.scale(sample[0]), true);
    q.offer(sample[1], rows.scale(sample[1]), true);
    int round = 0;
    do {
      for (Side side : sides) {
        side.moveToMean();
      }
    } while (round < ROUND_ITEMS.length && divide(sample, ROUND_ITEMS[round++]));
    return divider.between(p.mean, q.mean);
  }

  /** Returns whether both sides have an item; otherwise the means stay. */
  private boolean divide(int[] sample, int items) {
    for (int z = 0; z < normal.length; z++) {
      normal[z] = p.mean[z] - q.mean[z];
    }
    rows.dotProducts(sample, 0, items, normal, margins);
    float sum = 0;
    for (int i = 0; i < items; i++) {
      margins[i] *= rows.scale(sample[i]);
      sum += margins[i];
    }
    float boundary = balance * (sum / items);
    p.count = 0;
    q.count = 0;
    for (int i = 0; i < items; i++) {
      float scale = rows.scale(sample[i]);
      p.offer(sample[i], scale, margins[i] > boundary);
      q.offer(sample[i], scale, margins[i] < boundary);
    }
    return p.count > 0 && q.count > 0;
  }
}
