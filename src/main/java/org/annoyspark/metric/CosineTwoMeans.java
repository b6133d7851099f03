package org.annoyspark.metric;

import org.annoyspark.vector.VectorUtil;

/** Two means of directions. */
final class CosineTwoMeans extends TwoMeans {

  CosineTwoMeans(FloatRows rows) {
    super(rows);
  }

  @Override
  void distances(Centroid centroid, int[] sample, int from, int count, float[] target) {
    rows.dotProducts(sample, from, count, centroid.sum, target);
    float squaredNorm = VectorUtil.squaredNorm(centroid.sum, 0, centroid.sum.length);
    float scale = squaredNorm > 0 ? 2 / (float) Math.sqrt(squaredNorm) : 0;
    for (int i = 0; i < count; i++) {
      float inverseNorm = rows.scale(sample[from + i]);
      target[i] = inverseNorm > 0 ? 2 - scale * inverseNorm * target[i] : Float.NaN;
    }
  }
}
