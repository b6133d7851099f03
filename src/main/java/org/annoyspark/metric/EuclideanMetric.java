package org.annoyspark.metric;

import org.annoyspark.vector.VectorUtil;

/** The straight line between vectors; the search works with its square. */
final class EuclideanMetric extends PlaneMetric {

  EuclideanMetric(int dimension) {
    super("euclidean", dimension);
  }

  @Override
  void distances(float[] rows, int count, float[] vector, float[] target) {
    VectorUtil.squaredDistances(rows, count, vector, dimension(), target);
  }

  @Override
  void distances(FloatRows rows, int[] slots, int from, int count, float[] vector, float[] target) {
    VectorUtil.squaredDistances(rows.values, rows.stride, slots, from, count, vector, target);
  }

  @Override
  double error(double lengthOfError, double absoluteError) {
    return lengthOfError;
  }

  @Override
  float bound(float distance, float error, int sign, float rounding) {
    float root = (float) Math.sqrt(distance) * (1 + sign * rounding) + sign * error;
    return root < 0 ? 0 : root * root * (1 + sign * rounding) + sign * UNDERFLOW;
  }

  @Override
  public float toCallerDistance(float distance) {
    return (float) Math.sqrt(Math.max(distance, 0));
  }
}
