package org.annoyspark.index;

import java.util.function.IntUnaryOperator;
import org.annoyspark.metric.KeyedRandom;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Split;

/**
 * Draws the sample of a node and holds a split's balance against Annoy's bounds:
 * docs/annoy-format.md, "Growing a tree".
 */
final class SplitChooser {

  /** How often a split is chosen before an unbalanced one is taken. */
  static final int ATTEMPTS = 3;

  private static final double BALANCED = 0.95;
  private static final double HOPELESS = 0.99;

  private SplitChooser() {}

  /**
   * Draws entries of a region, which has at least 2: two different ones, then any.
   *
   * @param order of which the region is a range
   */
  static void drawSample(Region region, int[] order, KeyedRandom random, int[] sample) {
    int size = region.size();
    int first = random.nextInt(size);
    int other = random.nextInt(size - 1);
    sample[0] = order[region.from + first];
    sample[1] = order[region.from + (other >= first ? other + 1 : other)];
    for (int i = Split.SEEDS; i < sample.length; i++) {
      sample[i] = order[region.from + random.nextInt(size)];
    }
  }

  /** The side of one item; without a branch on the margin's sign, which nobody can predict. */
  static int side(float margin, long coinKey, int item) {
    if (margin == 0 || Float.isNaN(margin)) {
      return KeyedRandom.coin(coinKey, item);
    }
    return 1 - (Float.floatToRawIntBits(margin) >>> 31);
  }

  /** Whether a split is good enough to stop at. */
  static boolean isBalanced(int side1, int size) {
    return largerShare(side1, size) < BALANCED;
  }

  /** Whether a split is so bad that chance divides better. */
  static boolean isHopeless(int side1, int size) {
    return largerShare(side1, size) > HOPELESS;
  }

  private static double largerShare(int side1, int size) {
    double share = (double) side1 / size;
    return Math.max(share, 1 - share);
  }

  /**
   * Divides a range of a tree's order by chance, until neither side is nearly all.
   *
   * @param itemOf the item that an entry of the order stands for
   */
  static void divideByChance(Metric metric, Region region, int[] order, IntUnaryOperator itemOf) {
    byte[] sides = new byte[region.size()];
    int side1;
    int round = 0;
    do {
      long key = region.chanceKey(round++);
      side1 = 0;
      for (int i = 0; i < sides.length; i++) {
        int item = itemOf.applyAsInt(order[region.from + i]);
        sides[i] = (byte) KeyedRandom.coin(key, item);
        side1 += sides[i];
      }
    } while (isHopeless(side1, sides.length));
    partition(region, order, sides, new int[region.size()]);
    region.divide(metric.zeroSplit(), region.size() - side1);
  }

  /** Moves the entries of side 0 before those of side 1, keeping the order within each. */
  static void partition(Region region, int[] order, byte[] sides, int[] scratch) {
    int side0 = region.from;
    int side1 = 0;
    for (int i = 0; i < region.size(); i++) {
      // Written to both: which one is kept is a number, not a branch that nobody can predict.
      int entry = order[region.from + i];
      order[side0] = entry;
      scratch[side1] = entry;
      side0 += 1 - sides[i];
      side1 += sides[i];
    }
    System.arraycopy(scratch, 0, order, side0, side1);
  }
}
