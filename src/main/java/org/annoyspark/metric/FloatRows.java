package org.annoyspark.metric;

import org.annoyspark.format.NodeStore;
import org.annoyspark.vector.VectorUtil;

/**
 * Rows of floats; dot's have one more float than the vector, the dot factor. Zeros fill them up to
 * a multiple of the kernels' lanes.
 */
abstract class FloatRows implements Rows {

  final float[] values;
  final int stride;
  final int dimension;

  /**
   * @param length of a row: {@code dimension}, or more, if a subclass loads more
   */
  FloatRows(int capacity, int dimension, int length) {
    this.stride = (length + VectorUtil.LANES - 1) / VectorUtil.LANES * VectorUtil.LANES;
    this.values = new float[Math.multiplyExact(capacity, stride)];
    this.dimension = dimension;
  }

  @Override
  public void load(NodeStore items, int item, int slot) {
    items.readFloats(item, items.layout().vectorOffsetBytes(), values, offset(slot), dimension);
  }

  final int offset(int slot) {
    return slot * stride;
  }

  /** The inner products of a vector of {@link #stride} floats with some rows. */
  final void dotProducts(int[] slots, int from, int count, float[] vector, float[] target) {
    VectorUtil.dotProducts(values, stride, slots, from, count, vector, target);
  }

  /** What a row is multiplied by when it moves a centroid. */
  abstract float scale(int slot);
}
