package org.annoyspark.vector;

/**
 * The kernels in plain Java: the reference for the order of additions, and the fallback where the
 * Vector API is not available. The sixteen accumulators are locals so that they stay in registers.
 */
final class DefaultVectorUtilSupport implements VectorUtilSupport {

  @Override
  public float dotProduct(float[] a, int aOffset, float[] b, int bOffset, int length) {
    float s0 = 0,
        s1 = 0,
        s2 = 0,
        s3 = 0,
        s4 = 0,
        s5 = 0,
        s6 = 0,
        s7 = 0,
        s8 = 0,
        s9 = 0,
        s10 = 0,
        s11 = 0,
        s12 = 0,
        s13 = 0,
        s14 = 0,
        s15 = 0;
    int vectorEnd = length & -16;
    for (int i = 0; i < vectorEnd; i += 16) {
      int x = aOffset + i;
      int y = bOffset + i;
      s0 = Math.fma(a[x], b[y], s0);
      s1 = Math.fma(a[x + 1], b[y + 1], s1);
      s2 = Math.fma(a[x + 2], b[y + 2], s2);
      s3 = Math.fma(a[x + 3], b[y + 3], s3);
      s4 = Math.fma(a[x + 4], b[y + 4], s4);
      s5 = Math.fma(a[x + 5], b[y + 5], s5);
      s6 = Math.fma(a[x + 6], b[y + 6], s6);
      s7 = Math.fma(a[x + 7], b[y + 7], s7);
      s8 = Math.fma(a[x + 8], b[y + 8], s8);
      s9 = Math.fma(a[x + 9], b[y + 9], s9);
      s10 = Math.fma(a[x + 10], b[y + 10], s10);
      s11 = Math.fma(a[x + 11], b[y + 11], s11);
      s12 = Math.fma(a[x + 12], b[y + 12], s12);
      s13 = Math.fma(a[x + 13], b[y + 13], s13);
      s14 = Math.fma(a[x + 14], b[y + 14], s14);
      s15 = Math.fma(a[x + 15], b[y + 15], s15);
    }
    float sum = sum16(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15);
    for (int i = vectorEnd; i < length; i++) {
      sum += a[aOffset + i] * b[bOffset + i];
    }
    return sum;
  }

  @Override
  public float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
    float s0 = 0,
        s1 = 0,
        s2 = 0,
        s3 = 0,
        s4 = 0,
        s5 = 0,
        s6 = 0,
        s7 = 0,
        s8 = 0,
        s9 = 0,
        s10 = 0,
        s11 = 0,
        s12 = 0,
        s13 = 0,
        s14 = 0,
        s15 = 0;
    int vectorEnd = length & -16;
    for (int i = 0; i < vectorEnd; i += 16) {
      int x = aOffset + i;
      int y = bOffset + i;
      s0 = addSquare(a[x] - b[y], s0);
      s1 = addSquare(a[x + 1] - b[y + 1], s1);
      s2 = addSquare(a[x + 2] - b[y + 2], s2);
      s3 = addSquare(a[x + 3] - b[y + 3], s3);
      s4 = addSquare(a[x + 4] - b[y + 4], s4);
      s5 = addSquare(a[x + 5] - b[y + 5], s5);
      s6 = addSquare(a[x + 6] - b[y + 6], s6);
      s7 = addSquare(a[x + 7] - b[y + 7], s7);
      s8 = addSquare(a[x + 8] - b[y + 8], s8);
      s9 = addSquare(a[x + 9] - b[y + 9], s9);
      s10 = addSquare(a[x + 10] - b[y + 10], s10);
      s11 = addSquare(a[x + 11] - b[y + 11], s11);
      s12 = addSquare(a[x + 12] - b[y + 12], s12);
      s13 = addSquare(a[x + 13] - b[y + 13], s13);
      s14 = addSquare(a[x + 14] - b[y + 14], s14);
      s15 = addSquare(a[x + 15] - b[y + 15], s15);
    }
    float sum = sum16(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15);
    for (int i = vectorEnd; i < length; i++) {
      float difference = a[aOffset + i] - b[bOffset + i];
      sum += difference * difference;
    }
    return sum;
  }

  @Override
  public float absoluteDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
    float s0 = 0,
        s1 = 0,
        s2 = 0,
        s3 = 0,
        s4 = 0,
        s5 = 0,
        s6 = 0,
        s7 = 0,
        s8 = 0,
        s9 = 0,
        s10 = 0,
        s11 = 0,
        s12 = 0,
        s13 = 0,
        s14 = 0,
        s15 = 0;
    int vectorEnd = length & -16;
    for (int i = 0; i < vectorEnd; i += 16) {
      int x = aOffset + i;
      int y = bOffset + i;
      s0 = s0 + Math.abs(a[x] - b[y]);
      s1 = s1 + Math.abs(a[x + 1] - b[y + 1]);
      s2 = s2 + Math.abs(a[x + 2] - b[y + 2]);
      s3 = s3 + Math.abs(a[x + 3] - b[y + 3]);
      s4 = s4 + Math.abs(a[x + 4] - b[y + 4]);
      s5 = s5 + Math.abs(a[x + 5] - b[y + 5]);
      s6 = s6 + Math.abs(a[x + 6] - b[y + 6]);
      s7 = s7 + Math.abs(a[x + 7] - b[y + 7]);
      s8 = s8 + Math.abs(a[x + 8] - b[y + 8]);
      s9 = s9 + Math.abs(a[x + 9] - b[y + 9]);
      s10 = s10 + Math.abs(a[x + 10] - b[y + 10]);
      s11 = s11 + Math.abs(a[x + 11] - b[y + 11]);
      s12 = s12 + Math.abs(a[x + 12] - b[y + 12]);
      s13 = s13 + Math.abs(a[x + 13] - b[y + 13]);
      s14 = s14 + Math.abs(a[x + 14] - b[y + 14]);
      s15 = s15 + Math.abs(a[x + 15] - b[y + 15]);
    }
    float sum = sum16(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15);
    for (int i = vectorEnd; i < length; i++) {
      sum += Math.abs(a[aOffset + i] - b[bOffset + i]);
    }
    return sum;
  }

  @Override
  public String description() {
    return "scalar";
  }

  private static float addSquare(float difference, float sum) {
    return Math.fma(difference, difference, sum);
  }

  /** Adds lanes 8 apart, then 4, then 2, then 1: the tree that halving a register gives. */
  private static float sum16(
      float s0,
      float s1,
      float s2,
      float s3,
      float s4,
      float s5,
      float s6,
      float s7,
      float s8,
      float s9,
      float s10,
      float s11,
      float s12,
      float s13,
      float s14,
      float s15) {
    return sum8(s0 + s8, s1 + s9, s2 + s10, s3 + s11, s4 + s12, s5 + s13, s6 + s14, s7 + s15);
  }

  static float sum8(
      float s0, float s1, float s2, float s3, float s4, float s5, float s6, float s7) {
    return sum4(s0 + s4, s1 + s5, s2 + s6, s3 + s7);
  }

  static float sum4(float s0, float s1, float s2, float s3) {
    return (s0 + s2) + (s1 + s3);
  }
}
