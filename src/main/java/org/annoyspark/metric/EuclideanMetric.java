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
  public float toCallerDistance(float distance) {
    return (float) Math.sqrt(Math.max(distance, 0));
  }
}
