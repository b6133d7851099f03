package org.annoyspark.metric;

import org.annoyspark.vector.VectorUtil;

/** Two means of directions: rows count as unit vectors, those of norm zero not at all. */
final class CosineTwoMeans extends TwoMeans {

  private float rowSquaredNorm;

  CosineTwoMeans(FloatRows rows) {
    super(rows);
  }

  @Override
  Centroid start(int slot) {
    float[] mean = rows.copy(slot);
    float norm = (float) Math.sqrt(rows.squaredNorm(slot));
    if (norm > 0) {
      for (int z = 0; z < mean.length; z++) {
        mean[z] /= norm;
      }
    }
    Centroid centroid = new Centroid(mean);
    moved(centroid);
    return centroid;
  }

  @Override
  float scale(int slot) {
    rowSquaredNorm = rows.squaredNorm(slot);
    float norm = (float) Math.sqrt(rowSquaredNorm);
    return norm > 0 ? 1 / norm : 0;
  }

  /** Follows {@link #scale} on the same slot, whose norm it uses again. */
  @Override
  float distance(Centroid centroid, int slot) {
    float product =
        VectorUtil.dotProduct(
            centroid.mean, 0, rows.values, rows.offset(slot), centroid.mean.length);
    return AngularMetric.distance(product, centroid.squaredNorm, rowSquaredNorm);
  }

  @Override
  void moved(Centroid centroid) {
    centroid.squaredNorm = VectorUtil.squaredNorm(centroid.mean, 0, centroid.mean.length);
  }
}
