package org.annoyspark.vector;

import java.util.Arrays;

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

  /** Two rows at a time; the last two may include one of those before. */
  @Override
  public void dotProducts(float[] rows, int count, float[] vector, int length, float[] target) {
    if (count < 2) {
      VectorUtilSupport.super.dotProducts(rows, count, vector, length, target);
      return;
    }
    for (int next = 0; next < count; next += 2) {
      int row = Math.min(next, count - 2);
      int x = row * length;
      dotProductsOfTwo(rows, x, x + length, vector, length, target, row);
    }
  }

  @Override
  public void dotProducts(
      float[] rows, int stride, int[] slots, int from, int count, float[] vector, float[] target) {
    if (count < 2) {
      VectorUtilSupport.super.dotProducts(rows, stride, slots, from, count, vector, target);
      return;
    }
    for (int next = 0; next < count; next += 2) {
      int row = Math.min(next, count - 2);
      int x = slots[from + row] * stride;
      int y = slots[from + row + 1] * stride;
      dotProductsOfTwo(rows, x, y, vector, stride, target, row);
    }
  }

  /**
   * Two rows, of which each number of the vector is read once for both. Even lanes are first, for
   * sums of sixteen lanes of two rows would not stay in registers; the tree adds even and odd ones
   * apart until the end.
   */
  private static void dotProductsOfTwo(
      float[] rows, int x, int y, float[] vector, int length, float[] target, int row) {
    int vectorEnd = length & -16;
    float xSum = 0, ySum = 0;
    for (int odd = 0; odd < 2; odd++) {
      float x0 = 0, x2 = 0, x4 = 0, x6 = 0, x8 = 0, x10 = 0, x12 = 0, x14 = 0;
      float y0 = 0, y2 = 0, y4 = 0, y6 = 0, y8 = 0, y10 = 0, y12 = 0, y14 = 0;
      for (int i = odd; i < vectorEnd; i += 16) {
        float v0 = vector[i];
        float v2 = vector[i + 2];
        float v4 = vector[i + 4];
        float v6 = vector[i + 6];
        float v8 = vector[i + 8];
        float v10 = vector[i + 10];
        float v12 = vector[i + 12];
        float v14 = vector[i + 14];
        x0 = Math.fma(rows[x + i], v0, x0);
        x2 = Math.fma(rows[x + i + 2], v2, x2);
        x4 = Math.fma(rows[x + i + 4], v4, x4);
        x6 = Math.fma(rows[x + i + 6], v6, x6);
        x8 = Math.fma(rows[x + i + 8], v8, x8);
        x10 = Math.fma(rows[x + i + 10], v10, x10);
        x12 = Math.fma(rows[x + i + 12], v12, x12);
        x14 = Math.fma(rows[x + i + 14], v14, x14);
        y0 = Math.fma(rows[y + i], v0, y0);
        y2 = Math.fma(rows[y + i + 2], v2, y2);
        y4 = Math.fma(rows[y + i + 4], v4, y4);
        y6 = Math.fma(rows[y + i + 6], v6, y6);
        y8 = Math.fma(rows[y + i + 8], v8, y8);
        y10 = Math.fma(rows[y + i + 10], v10, y10);
        y12 = Math.fma(rows[y + i + 12], v12, y12);
        y14 = Math.fma(rows[y + i + 14], v14, y14);
      }
      float xHalf = sum8(x0, x2, x4, x6, x8, x10, x12, x14);
      float yHalf = sum8(y0, y2, y4, y6, y8, y10, y12, y14);
      xSum = odd == 0 ? xHalf : xSum + xHalf;
      ySum = odd == 0 ? yHalf : ySum + yHalf;
    }
    for (int i = vectorEnd; i < length; i++) {
      xSum += rows[x + i] * vector[i];
      ySum += rows[y + i] * vector[i];
    }
    target[row] = xSum;
    target[row + 1] = ySum;
  }

  /**
   * Four rows at a time, each copied to an array of its own: the compiler makes registers of a loop
   * only where all its arrays have the same index.
   */
  @Override
  public void weightedSum(
      float[] rows, int stride, int[] slots, int count, float[] factors, float[] sum) {
    float[][] copies = new float[Math.min(count, 4)][stride];
    Arrays.fill(sum, 0, stride, 0);
    int i = 0;
    for (; i <= count - 4; i += 4) {
      for (int j = 0; j < 4; j++) {
        System.arraycopy(rows, slots[i + j] * stride, copies[j], 0, stride);
      }
      addFour(copies, factors, i, sum, stride);
    }
    for (; i < count; i++) {
      System.arraycopy(rows, slots[i] * stride, copies[0], 0, stride);
      addOne(copies[0], factors[i], sum, stride);
    }
  }

  private static void addFour(float[][] rows, float[] factors, int i, float[] sum, int length) {
    float[] a = rows[0];
    float[] b = rows[1];
    float[] c = rows[2];
    float[] d = rows[3];
    float fa = factors[i];
    float fb = factors[i + 1];
    float fc = factors[i + 2];
    float fd = factors[i + 3];
    for (int z = 0; z < length; z++) {
      float two = Math.fma(b[z], fb, Math.fma(a[z], fa, sum[z]));
      sum[z] = Math.fma(d[z], fd, Math.fma(c[z], fc, two));
    }
  }

  private static void addOne(float[] row, float factor, float[] sum, int length) {
    for (int z = 0; z < length; z++) {
      sum[z] = Math.fma(row[z], factor, sum[z]);
    }
  }

  @Override
  public boolean isSimd() {
    return false;
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
