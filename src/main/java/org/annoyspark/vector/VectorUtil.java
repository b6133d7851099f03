package org.annoyspark.vector;

import java.util.Objects;

/**
 * Distances and inner products over ranges of arrays. Results do not depend on the CPU or on
 * whether the Vector API is in use; see the package comment for the order of additions. All methods
 * throw {@link IndexOutOfBoundsException} for a range outside its array, and take length 0.
 */
public final class VectorUtil {

  private static final VectorUtilSupport SUPPORT = VectorizationProvider.choose();

  private VectorUtil() {}

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
   * The inner products of a vector with many rows, each as {@link #dotProduct} gives it.
   *
   * @param rows one after the other from the start of the array, {@code length} floats each
   * @param target receives {@code count} of them
   */
  public static void dotProducts(
      float[] rows, int count, float[] vector, int length, float[] target) {
    checkRows(rows, count, vector, length, target);
    SUPPORT.dotProducts(rows, count, vector, length, target);
  }

  /** The same of {@link #squaredDistance}. */
  public static void squaredDistances(
      float[] rows, int count, float[] vector, int length, float[] target) {
    checkRows(rows, count, vector, length, target);
    SUPPORT.squaredDistances(rows, count, vector, length, target);
  }

  /** The same of {@link #absoluteDistance}. */
  public static void absoluteDistances(
      float[] rows, int count, float[] vector, int length, float[] target) {
    checkRows(rows, count, vector, length, target);
    SUPPORT.absoluteDistances(rows, count, vector, length, target);
  }

  private static void checkRows(
      float[] rows, int count, float[] vector, int length, float[] target) {
    Objects.checkFromIndexSize(0, length, vector.length);
    Objects.checkFromIndexSize(0, count, target.length);
    Objects.checkFromIndexSize(0L, (long) count * length, rows.length);
  }

  /** How many bits differ between two runs of 64-bit words. */
  public static int hammingDistance(long[] a, int aOffset, long[] b, int bOffset, int words) {
    Objects.checkFromIndexSize(aOffset, words, a.length);
    Objects.checkFromIndexSize(bOffset, words, b.length);
    return SUPPORT.hammingDistance(a, aOffset, b, bOffset, words);
  }

  /** The squared length of a vector. */
  public static float squaredNorm(float[] a, int offset, int length) {
    return dotProduct(a, offset, a, offset, length);
  }
}
