package org.annoyspark.vector;

/**
 * The kernels behind {@link VectorUtil}, on ranges already checked. Implementations must agree with
 * {@link DefaultVectorUtilSupport} bit for bit.
 */
interface VectorUtilSupport {

  float dotProduct(float[] a, int aOffset, float[] b, int bOffset, int length);

  float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length);

  float absoluteDistance(float[] a, int aOffset, float[] b, int bOffset, int length);

  /**
   * {@link #dotProduct} of a vector with each of {@code count} rows, which stand {@code length}
   * apart from the start of their array.
   */
  default void dotProducts(float[] rows, int count, float[] vector, int length, float[] target) {
    for (int row = 0; row < count; row++) {
      target[row] = dotProduct(rows, row * length, vector, 0, length);
    }
  }

  /** {@link #squaredDistance} to each of the rows. */
  default void squaredDistances(
      float[] rows, int count, float[] vector, int length, float[] target) {
    for (int row = 0; row < count; row++) {
      target[row] = squaredDistance(rows, row * length, vector, 0, length);
    }
  }

  /** {@link #absoluteDistance} to each of the rows. */
  default void absoluteDistances(
      float[] rows, int count, float[] vector, int length, float[] target) {
    for (int row = 0; row < count; row++) {
      target[row] = absoluteDistance(rows, row * length, vector, 0, length);
    }
  }

  /**
   * {@link #dotProduct} of a vector with some of the rows that stand {@code stride} apart.
   *
   * @param stride a multiple of 16, the length of the vector too
   */
  default void dotProducts(
      float[] rows, int stride, int[] slots, int from, int count, float[] vector, float[] target) {
    for (int i = 0; i < count; i++) {
      target[i] = dotProduct(rows, slots[from + i] * stride, vector, 0, stride);
    }
  }

  /**
   * The sum of some of the rows that stand {@code stride} apart, each multiplied by its factor.
   *
   * @param stride a multiple of 16, the length of the vector too
   */
  void weightedSum(float[] rows, int stride, int[] slots, int count, float[] factors, float[] sum);

  /** Multiplies elements by a number. */
  default void scale(float[] a, int offset, int length, float factor) {
    for (int z = 0; z < length; z++) {
      a[offset + z] *= factor;
    }
  }

  /** Makes floats of a multiple of 16 bytes, each multiplied by a number. */
  default void dequantize(
      byte[] codes, int from, float scale, float[] target, int offset, int length) {
    for (int z = 0; z < length; z++) {
      target[offset + z] = ByteFloats.OF[codes[from + z] & 0xff] * scale;
    }
  }

  /** Integer sums have no order to keep, and JDK 17 has no vector popcount: one loop serves all. */
  default int hammingDistance(long[] a, int aOffset, long[] b, int bOffset, int words) {
    int distance = 0;
    for (int i = 0; i < words; i++) {
      distance += Long.bitCount(a[aOffset + i] ^ b[bOffset + i]);
    }
    return distance;
  }

  /** Whether a step over floats takes many of them; otherwise {@link ColumnKernel} is faster. */
  boolean isSimd();

  /** A short name for the log. */
  String description();
}
