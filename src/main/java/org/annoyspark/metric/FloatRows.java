package org.annoyspark.metric;

import java.util.Arrays;
import org.annoyspark.format.NodeStore;
import org.annoyspark.vector.VectorUtil;

/** Rows of floats; dot's have one more float than the vector, the dot factor. */
class FloatRows implements Rows {

  final float[] values;
  final int stride;
  private final int dimension;

  FloatRows(int capacity, int dimension, int stride) {
    this.values = new float[Math.multiplyExact(capacity, stride)];
    this.stride = stride;
    this.dimension = dimension;
  }

  @Override
  public void load(NodeStore items, int item, int slot) {
    items.readFloats(item, items.layout().vectorOffsetBytes(), values, offset(slot), dimension);
  }

  final int offset(int slot) {
    return slot * stride;
  }

  final float squaredNorm(int slot) {
    return VectorUtil.squaredNorm(values, offset(slot), stride);
  }

  final float[] copy(int slot) {
    return Arrays.copyOfRange(values, offset(slot), offset(slot) + stride);
  }
}
