package org.annoyspark.metric;

import org.annoyspark.vector.RowBlock;

/** The sum of the absolute differences of coordinates. */
final class ManhattanMetric extends PlaneMetric {

  ManhattanMetric(int dimension) {
    super("manhattan", dimension);
  }

  @Override
  void distances(RowBlock rows, int count, float[] vector, float[] target) {
    rows.absoluteDistances(count, vector, target);
  }

  @Override
  double error(double lengthOfError, double absoluteError) {
    return absoluteError;
  }

  @Override
  void boundDistances(int length, float[] errors, float rounding, float[] lower, float[] upper) {
    for (int i = 0; i < length; i++) {
      float error = errors[i] * (1 + 2 * rounding) + UNDERFLOW;
      lower[i] = upper[i] * (1 - 2 * rounding) - error;
      upper[i] = upper[i] * (1 + 2 * rounding) + error;
    }
  }

  @Override
  public float toCallerDistance(float distance) {
    return Math.max(distance, 0);
  }
}
