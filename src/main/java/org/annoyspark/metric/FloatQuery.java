package org.annoyspark.metric;

import org.annoyspark.format.NodeStore;
import org.annoyspark.vector.VectorUtil;

/** A query over rows of floats and planes through the origin. */
abstract class FloatQuery extends Query {

  final NodeStore store;
  final int dimension;
  final float[] vector;

  /** The rows loaded last, one after the other. */
  final float[] rows;

  private final float[] normal;
  private final int vectorOffsetBytes;

  FloatQuery(NodeStore store, int dimension) {
    super(dimension);
    this.store = store;
    this.dimension = dimension;
    this.vector = new float[dimension];
    this.rows = new float[dimension * capacity()];
    this.normal = new float[dimension];
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

  @Override
  public float margin(int node) {
    readVector(node, normal, 0);
    return VectorUtil.dotProduct(normal, 0, vector, 0, dimension);
  }

  @Override
  public void load(int[] items, int from, int length) {
    for (int i = 0; i < length; i++) {
      readVector(items[from + i], rows, i * dimension);
    }
  }

  private void readVector(int node, float[] target, int offset) {
    store.readFloats(node, vectorOffsetBytes, target, offset, dimension);
  }
}
