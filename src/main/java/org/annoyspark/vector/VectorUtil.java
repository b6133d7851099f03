package org.annoyspark.vector;

import java.util.Objects;

/**
 * Distances and inner products over ranges of arrays. Results do not depend on the CPU or on
 * whether the Vector API is in use; see the package comment for the order of additions. All methods
 * throw {@link IndexOutOfBoundsException} for a range outside its array, and take length 0.
 */
public final class VectorUtil {

  /** What sums run in: rows of a multiple of that many floats have no tail. */
  public static final int LANES = 16;

  private static final VectorUtilSupport SUPPORT = VectorizationProvider.choose();

  private VectorUtil() {}

  static VectorUtilSupport support() {
    return SUPPORT;
  }

  /** Which kernels this JVM uses, in words. */
  public static String kernels() {
    return SUPPORT.description();
  }

  /** The inner product, sum of {@code a[i] * b[i]}. */
  public static float dotProduct(float[] a, int aOffset, float[] b, int bOffset, int length) {
    Objects.checkFromIndexSize(aOffset, length, a.length);
    Objects.checkFromIndexSize(bOffset, length, b.length);
    return SUPPORT.dotProduct(a, aOffset, b, bOffset, length);
  }

  /** The squared euclidean distance, sum of {@code (a[i] - b[i])^2}. */
  public static float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
    Objects.checkFromIndexSize(aOffset, length, a.length);
    Objects.checkFromIndexSize(bOffset, length, b.length);
    return SUPPORT.squaredDistance(a, aOffset, b, bOffset, length);
  }

  /** The manhattan distance, sum of {@code |a[i] - b[i]|}. */
  public static float absoluteDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
    Objects.checkFromIndexSize(aOffset, length, a.length);
    Objects.checkFromIndexSize(bOffset, length, b.length);
    return SUPPORT.absoluteDistance(a, aOffset, b, bOffset, length);
  }

  /**
   * The inner products of a vector with some of the rows of an array, each as {@link #dotProduct}
   * gives it.
   *
   * @param stride how far rows stand apart, and how long they and the vector are: a multiple of 16
   * @param slots which rows, from {@code slots[from]} on
   * @param target receives {@code count} of them, from its start
   */
  public static void dotProducts(
      float[] rows, int stride, int[] slots, int from, int count, float[] vector, float[] target) {
    checkSlots(stride, slots, from, count, vector, target);
    SUPPORT.dotProducts(rows, stride, slots, from, count, vector, target);
  }

  private static void checkSlots(
      int stride, int[] slots, int from, int count, float[] vector, float[] target) {
    if (stride % LANES != 0) {
      throw new IllegalArgumentException(
          "stride: expected a multiple of " + LANES + ", found " + stride);
    }
    Objects.checkFromIndexSize(from, count, slots.length);
    Objects.checkFromIndexSize(0, stride, vector.length);
    Objects.checkFromIndexSize(0, count, target.length);
  }

  /**
   * The sum of the first {@code count} of some rows of an array, each multiplied by a factor, added
   * one row after the other.
   *
   * @param stride how far rows stand apart, and how long they and the vector are: a multiple of 16
   */
  public static void weightedSum(
      float[] rows, int stride, int[] slots, int count, float[] factors, float[] sum) {
    checkSlots(stride, slots, 0, count, sum, factors);
    SUPPORT.weightedSum(rows, stride, slots, count, factors, sum);
  }

  /**
   * Makes floats of bytes, each multiplied by {@code scale}.
   *
   * @param length a multiple of 16
   */
  public static void dequantize(
      byte[] codes, int from, float scale, float[] target, int offset, int length) {
    if (length % LANES != 0) {
      throw new IllegalArgumentException(
          "length: expected a multiple of " + LANES + ", found " + length);
    }
    Objects.checkFromIndexSize(from, length, codes.length);
    Objects.checkFromIndexSize(offset, length, target.length);
    SUPPORT.dequantize(codes, from, scale, target, offset, length);
  }

  /** Multiplies {@code length} floats of an array by a number. */
  public static void scale(float[] a, int offset, int length, float factor) {
    Objects.checkFromIndexSize(offset, length, a.length);
    SUPPORT.scale(a, offset, length, factor);
  }

  /** How many bits differ between two runs of 64-bit words. */
  public static int hammingDistance(long[] a, int aOffset, long[] b, int bOffset, int words) {
    Objects.checkFromIndexSize(aOffset, words, a.length);
    Objects.checkFromIndexSize(bOffset, words, b.length);
    return SUPPORT.hammingDistance(a, aOffset, b, bOffset, words);
  }

  /** Whether no coordinate is NaN or infinite. */
  public static boolean isFinite(float[] vector) {
    for (float value : vector) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** The squared length of a vector. */
  public static float squaredNorm(float[] a, int offset, int length) {
    return dotProduct(a, offset, a, offset, length);
  }
}
