package org.annoyspark.metric;

import org.annoyspark.format.NodeStore;
import org.annoyspark.vector.VectorUtil;

/** A query over rows of floats and planes through the origin. */
abstract class FloatQuery extends Query {

  final NodeStore store;
  final int dimension;
  final float[] vector;
  private final float[] rows;
  private final int vectorOffsetBytes;

  FloatQuery(NodeStore store, int dimension) {
    this.store = store;
    this.dimension = dimension;
    this.vector = new float[dimension];
    this.rows = new float[dimension * ROWS_AT_ONCE];
    this.vectorOffsetBytes = store.layout().vectorOffsetBytes();
  }

  @Override
  public void bind(float[] newVector) {
    System.arraycopy(newVector, 0, vector, 0, dimension);
    bound();
  }

  @Override
  public void bindItem(int item) {
    readVector(item, vector, 0);
    bound();
  }

  /** The vector has changed. */
  void bound() {}

  /** The distance to a row; {@code item} is there for fields of its header. */
  abstract float distance(float[] rows, int offset, int item);

  @Override
  public float margin(int node) {
    readVector(node, rows, 0);
    return VectorUtil.dotProduct(rows, 0, vector, 0, dimension);
  }

  @Override
  public void distances(int[] items, int from, int length, float[] distances) {
    for (int start = 0; start < length; start += ROWS_AT_ONCE) {
      int end = Math.min(start + ROWS_AT_ONCE, length);
      for (int i = start; i < end; i++) {
        readVector(items[from + i], rows, (i - start) * dimension);
      }
      for (int i = start; i < end; i++) {
        distances[i] = distance(rows, (i - start) * dimension, items[from + i]);
      }
    }
  }

  private void readVector(int node, float[] target, int offset) {
    store.readFloats(node, vectorOffsetBytes, target, offset, dimension);
  }
}
