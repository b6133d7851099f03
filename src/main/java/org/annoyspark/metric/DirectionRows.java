package org.annoyspark.metric;

import org.annoyspark.format.NodeStore;

/**
 * Rows whose lengths do not count. They stay as they are, for the side of a plane through the
 * origin does not depend on them; what would bring a row to length 1 is kept beside it.
 */
abstract class DirectionRows extends FloatRows {

  /** 0 for a row without a direction. */
  private final float[] inverseNorms;

  /**
   * @param length of a row: {@code dimension}, or more, if a subclass loads more
   */
  DirectionRows(int capacity, int dimension, int length) {
    super(capacity, dimension, length);
    this.inverseNorms = new float[capacity];
  }

  @Override
  public void load(NodeStore items, int item, int slot) {
    super.load(items, item, slot);
    float squaredNorm = squaredNorm(items, item, slot);
    float inverse =
        Hyperplane.isExact(squaredNorm)
            ? 1 / (float) Math.sqrt(squaredNorm)
            : (float) (1 / normInDouble(slot));
    inverseNorms[slot] = inverse < Float.POSITIVE_INFINITY ? inverse : 0;
  }

  /** Of a row just loaded. */
  abstract float squaredNorm(NodeStore items, int item, int slot);

  /** For rows so long or so short that floats cannot hold the square of their length. */
  private double normInDouble(int slot) {
    double sum = 0;
    for (int z = offset(slot); z < offset(slot) + stride; z++) {
      double x = values[z];
      sum = Math.fma(x, x, sum);
    }
    return Math.sqrt(sum);
  }

  @Override
  final float scale(int slot) {
    return inverseNorms[slot];
  }
}
