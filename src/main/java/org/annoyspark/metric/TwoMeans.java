package org.annoyspark.metric;

/**
 * Two centroids that random items pull apart: docs/annoy-format.md, "Choosing a split". Subclasses
 * tell how far an item is from a centroid and by what it moves one.
 */
abstract class TwoMeans {

  final FloatRows rows;

  TwoMeans(FloatRows rows) {
    this.rows = rows;
  }

  /** One side's running mean. */
  static final class Centroid {
    final float[] mean;

    /** Squared norm of the mean, where the metric needs it. */
    float squaredNorm;

    int count = 1;

    Centroid(float[] mean) {
      this.mean = mean;
    }

    /** Moves the mean towards {@code scale * row}. */
    void add(float[] values, int offset, float scale) {
      float weight = count;
      float inverse = 1f / (count + 1);
      for (int z = 0; z < mean.length; z++) {
        mean[z] = (mean[z] * weight + values[offset + z] * scale) * inverse;
      }
      count++;
    }
  }

  abstract Centroid start(int slot);

  /** What an item's row is multiplied by when it moves a centroid; 0 if it is to be skipped. */
  abstract float scale(int slot);

  abstract float distance(Centroid centroid, int slot);

  void moved(Centroid centroid) {}

  /** Runs all steps and leaves the means in the two centroids. */
  final Centroid[] run(int[] sample) {
    Centroid p = start(sample[0]);
    Centroid q = start(sample[1]);
    for (int i = Split.SEEDS; i < sample.length; i++) {
      int slot = sample[i];
      float scale = scale(slot);
      if (!(scale > 0)) {
        continue;
      }
      float toP = p.count * distance(p, slot);
      float toQ = q.count * distance(q, slot);
      if (toP < toQ) {
        move(p, slot, scale);
      } else if (toQ < toP) {
        move(q, slot, scale);
      }
    }
    return new Centroid[] {p, q};
  }

  private void move(Centroid centroid, int slot, float scale) {
    centroid.add(rows.values, rows.offset(slot), scale);
    moved(centroid);
  }
}
