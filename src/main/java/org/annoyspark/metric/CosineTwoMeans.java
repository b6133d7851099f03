package org.annoyspark.metric;

import org.annoyspark.vector.VectorUtil;

/** Two means of directions, each of length 1: as far from the origin whatever their items are. */
final class CosineTwoMeans extends TwoMeans {

  /**
   * The plane itself passes through the origin. A boundary that does, too, cuts off little of items
   * that lie to one side of it, and one through their mean has little to do with the plane.
   */
  private static final float BALANCE = 0.5f;

  CosineTwoMeans(FloatRows rows) {
    super(rows, BALANCE);
  }

  @Override
  float meanScale(float[] sum, int count) {
    float squaredNorm = VectorUtil.squaredNorm(sum, 0, sum.length);
    return squaredNorm > 0 ? 1 / (float) Math.sqrt(squaredNorm) : 0;
  }
}
