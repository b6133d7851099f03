package org.annoyspark.metric;

import org.annoyspark.vector.RowBlock;

/** The straight line between vectors; the search works with its square. */
final class EuclideanMetric extends PlaneMetric {

  EuclideanMetric(int dimension) {
    super("euclidean", dimension);
  }

  @Override
  void distances(RowBlock rows, int count, float[] vector, float[] target) {
    rows.squaredDistances(count, vector, target);
  }

  @Override
  double error(double lengthOfError, double absoluteError) {
    return lengthOfError;
  }

  @Override
  void boundDistances(int length, float[] errors, float rounding, float[] lower, float[] upper) {
    for (int i = 0; i < length; i++) {
      float root = (float) Math.sqrt(upper[i]);
      float least = Math.max(0, root * (1 - rounding) - errors[i]);
      float most = root * (1 + rounding) + errors[i];
      lower[i] = least * least * (1 - rounding) - UNDERFLOW;
      upper[i] = most * most * (1 + rounding) + UNDERFLOW;
    }
  }

  @Override
  public float toCallerDistance(float distance) {
    return (float) Math.sqrt(Math.max(distance, 0));
  }
}
