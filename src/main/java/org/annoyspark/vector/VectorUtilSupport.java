package org.annoyspark.vector;

/**
 * The kernels behind {@link VectorUtil}, on ranges already checked. Implementations must agree with
 * {@link DefaultVectorUtilSupport} bit for bit.
 */
interface VectorUtilSupport {

  float dotProduct(float[] a, int aOffset, float[] b, int bOffset, int length);

  float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length);

  float absoluteDistance(float[] a, int aOffset, float[] b, int bOffset, int length);

  /** Integer sums have no order to keep, and JDK 17 has no vector popcount: one loop serves all. */
  default int hammingDistance(long[] a, int aOffset, long[] b, int bOffset, int words) {
    int distance = 0;
    for (int i = 0; i < words; i++) {
      distance += Long.bitCount(a[aOffset + i] ^ b[bOffset + i]);
    }
    return distance;
  }

  /** A short name for the log. */
  String description();
}
