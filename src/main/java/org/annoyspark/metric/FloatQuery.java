package org.annoyspark.metric;

import org.annoyspark.format.NodeStore;
import org.annoyspark.vector.RowBlock;
import org.annoyspark.vector.VectorUtil;

/** A query over rows of floats and planes through the origin. */
abstract class FloatQuery extends Query {

  /** Squares of lengths between these, and products of two, are far from the ends of the floats. */
  static final float LEAST_SQUARED_NORM = 1e-18f;

  static final float MOST_SQUARED_NORM = 1e18f;

  final NodeStore store;
  final int dimension;
  final float[] vector;

  /** The rows loaded last. */
  final RowBlock rows;

  /** What is lost in the quantized rows loaded last, in the metric's own terms. */
  final float[] errors;

  /** What the file says of the lengths of the quantized rows loaded last. */
  final float[] squaredNorms;

  /** How much of itself a sum of the metric's terms can lose by rounding, with much to spare. */
  final float rounding;

  private final float[] scales;
  private final float[] normal;
  private final int vectorOffsetBytes;

  /** Keeps {@link QuantizedRows#find} from being optimised away. */
  @SuppressWarnings("UnusedVariable")
  private int fetched;

  FloatQuery(NodeStore store, int dimension) {
    super(dimension);
    this.store = store;
    this.dimension = dimension;
    this.vector = new float[dimension];
    this.rows = new RowBlock(capacity(), dimension, QuantizedRows.padded(dimension) - dimension);
    this.errors = new float[capacity()];
    this.squaredNorms = new float[capacity()];
    this.rounding = (dimension + 32) * 0x1p-23f;
    this.scales = new float[capacity()];
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
    float[] values = rows.startLoading();
    for (int i = 0; i < length; i++) {
      readVector(items[from + i], values, i * dimension);
    }
  }

  static boolean isOrdinary(double squaredNorm) {
    return squaredNorm >= LEAST_SQUARED_NORM && squaredNorm <= MOST_SQUARED_NORM;
  }

  @Override
  public boolean canBound() {
    return isOrdinary(VectorUtil.squaredNorm(vector, 0, dimension));
  }

  @Override
  public int loadQuantized(QuantizedRows quantized, int[] items, int length) {
    fetched += quantized.find(items, length, scales);
    float[] values = rows.startLoading();
    int kept = 0;
    for (int i = 0; i < length; i++) {
      int item = items[i];
      if (scales[i] == 0) {
        if (store.descendants(item) != 1) {
          continue;
        }
        scales[i] = quantized.put(item, quantize(item));
      }
      quantized.read(item, scales[i], values, kept * dimension);
      errors[kept] = quantized.error(item);
      squaredNorms[kept] = quantized.squaredNorm(item);
      items[kept++] = item;
    }
    return kept;
  }

  private QuantizedRows.Source quantize(int item) {
    float[] row = new float[dimension];
    readVector(item, row, 0);
    float scale = QuantizedRows.scale(row);
    double squaredNorm = 0;
    double squaredError = 0;
    double absoluteError = 0;
    for (float x : row) {
      double error = Math.abs((double) x - QuantizedRows.code(x, scale) * scale);
      squaredNorm += (double) x * x;
      squaredError += error * error;
      absoluteError += error;
    }
    if (!isOrdinary(squaredNorm)) {
      // Such a row is always read from the file.
      row = new float[dimension];
      row[0] = 1;
      return new QuantizedRows.Source(row, Float.POSITIVE_INFINITY, 1);
    }
    float fileNorm = fileNorm(item);
    double error = error(Math.sqrt(squaredNorm), Math.sqrt(squaredError), absoluteError, fileNorm);
    return new QuantizedRows.Source(row, Math.nextUp((float) error), fileNorm);
  }

  /** What the file says of the square of an item's length, if it does. */
  float fileNorm(int item) {
    return 0;
  }

  /**
   * What {@link #boundDistances} has to know of the difference between a row and its quantized
   * form.
   *
   * @param length of the row
   * @param lengthOfError of the difference
   * @param absoluteError the sum of the absolute differences
   * @return infinity if the row is to be read from the file always
   */
  abstract double error(double length, double lengthOfError, double absoluteError, float fileNorm);

  private void readVector(int node, float[] target, int offset) {
    store.readFloats(node, vectorOffsetBytes, target, offset, dimension);
  }
}
