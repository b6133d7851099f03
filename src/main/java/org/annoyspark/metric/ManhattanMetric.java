package org.annoyspark.metric;

import org.annoyspark.vector.VectorUtil;

/** The sum of the absolute differences of coordinates. */
final class ManhattanMetric extends PlaneMetric {

  ManhattanMetric(int dimension) {
    super("manhattan", dimension);
  }

  @Override
  void distances(float[] rows, int count, float[] vector, float[] target) {
    VectorUtil.absoluteDistances(rows, count, vector, dimension(), target);
  }

  @Override
  void distances(FloatRows rows, int[] slots, int from, int count, float[] vector, float[] target) {
    VectorUtil.absoluteDistances(rows.values, rows.stride, slots, from, count, vector, target);
  }

  @Override
  double error(double lengthOfError, double absoluteError) {
    return absoluteError;
  }

  @Override
  float bound(float distance, float error, int sign, float rounding) {
    return distance * (1 + sign * 2 * rounding) + sign * (error * (1 + 2 * rounding) + UNDERFLOW);
  }

  @Override
  public float toCallerDistance(float distance) {
    return Math.max(distance, 0);
  }
}
