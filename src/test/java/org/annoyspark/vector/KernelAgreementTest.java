package org.annoyspark.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The two implementations, bit for bit, at every length that can take another path. */
class KernelAgreementTest {

  private static final int MOST_FLOATS = 300;
  private static final int[][] OFFSETS = {{0, 0}, {1, 0}, {3, 7}, {16, 5}};

  private static final float[] SPECIALS = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL / 3,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
  };

  private interface Kernel {
    float apply(VectorUtilSupport support, float[] a, int aOffset, float[] b, int bOffset, int n);
  }

  private static final List<Kernel> KERNELS =
      List.of(
          VectorUtilSupport::dotProduct,
          VectorUtilSupport::squaredDistance,
          VectorUtilSupport::absoluteDistance);

  private final VectorUtilSupport scalar = new DefaultVectorUtilSupport();
  private final VectorUtilSupport simd = new PanamaVectorUtilSupport();

  enum Values {
    /** Sums in another order would differ in most of these. */
    ANY_MAGNITUDE,
    /** One alone, so that it is not lost among other NaNs. */
    ONE_SPECIAL,
    ALL_SPECIAL,
    DENORMAL;

    float[] fill(Random random) {
      return fill(random, MOST_FLOATS + 16);
    }

    float[] fill(Random random, int length) {
      float[] values = new float[length];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (this) {
              case ANY_MAGNITUDE, ONE_SPECIAL ->
                  Math.scalb((float) random.nextGaussian(), random.nextInt(40) - 20);
              case ALL_SPECIAL -> SPECIALS[random.nextInt(SPECIALS.length)];
              case DENORMAL -> (random.nextFloat() - 0.5f) * Float.MIN_NORMAL;
            };
      }
      if (this == ONE_SPECIAL) {
        values[random.nextInt(values.length)] = SPECIALS[random.nextInt(SPECIALS.length)];
      }
      return values;
    }
  }

  @ParameterizedTest
  @EnumSource
  void simdIsScalar(Values values) {
    Random random = new Random(1);
    for (int length = 0; length <= MOST_FLOATS; length++) {
      for (int[] offset : OFFSETS) {
        float[] a = values.fill(random);
        float[] b = values.fill(random);
        for (Kernel kernel : KERNELS) {
          float expected = kernel.apply(scalar, a, offset[0], b, offset[1], length);
          float found = kernel.apply(simd, a, offset[0], b, offset[1], length);
          String where = "kernel " + KERNELS.indexOf(kernel) + ", length " + length;
          assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(found), where);
        }
      }
    }
  }

  private interface RowsKernel {
    void apply(
        VectorUtilSupport support, float[] rows, int count, float[] b, int n, float[] target);
  }

  private static final List<RowsKernel> ROWS_KERNELS =
      List.of(
          VectorUtilSupport::dotProducts,
          VectorUtilSupport::squaredDistances,
          VectorUtilSupport::absoluteDistances);

  /** Kernels over many rows against the kernels over one. */
  @ParameterizedTest
  @EnumSource
  void manyRowsAreAsEachAlone(Values values) {
    Random random = new Random(3);
    for (int length = 0; length <= 70; length++) {
      float[] b = values.fill(random);
      for (int count = 0; count <= Math.min(9, MOST_FLOATS / Math.max(1, length)); count++) {
        float[] rows = values.fill(random);
        for (int kernel = 0; kernel < KERNELS.size(); kernel++) {
          for (VectorUtilSupport support : List.of(scalar, simd)) {
            float[] found = new float[count];
            ROWS_KERNELS.get(kernel).apply(support, rows, count, b, length, found);
            for (int row = 0; row < count; row++) {
              float expected = KERNELS.get(kernel).apply(scalar, rows, row * length, b, 0, length);
              String where = "kernel " + kernel + ", length " + length + ", row " + row;
              assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(found[row]), where);
            }
          }
        }
      }
    }
  }

  /** The kernel over rows here and there against the kernel over one. */
  @ParameterizedTest
  @EnumSource
  void rowsBySlotAreAsEachAlone(Values values) {
    Random random = new Random(4);
    for (int stride : new int[] {16, 32, 48}) {
      float[] b = values.fill(random);
      float[] rows = values.fill(random);
      int[] slots = random.ints(12, 0, MOST_FLOATS / stride).toArray();
      for (int count = 0; count <= 9; count++) {
        for (VectorUtilSupport support : List.of(scalar, simd)) {
          float[] found = new float[count];
          support.dotProducts(rows, stride, slots, 3, count, b, found);
          for (int i = 0; i < count; i++) {
            float expected = scalar.dotProduct(rows, slots[3 + i] * stride, b, 0, stride);
            String where = "stride " + stride + ", row " + i;
            assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(found[i]), where);
          }
        }
      }
    }
  }

  /** Products too small for a float leave the sign of zero, which no later sum may drop. */
  @Test
  void sumsOfNothingButUnderflowKeepTheirSign() {
    int length = 48;
    float[] rows = new float[2 * length];
    float[] b = new float[length];
    Arrays.fill(rows, -1e-30f);
    Arrays.fill(b, 1e-30f);
    for (VectorUtilSupport support : List.of(scalar, simd)) {
      float[] found = {1, 1};
      support.dotProducts(rows, 2, b, length, found);
      assertArrayEquals(new float[] {-0f, -0f}, found);
      support.dotProducts(rows, length, new int[] {0, 1}, 0, 2, b, found);
      assertArrayEquals(new float[] {-0f, -0f}, found);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scaledArraysAreTheSame(Values values) {
    Random random = new Random(5);
    for (int length = 0; length <= 70; length++) {
      float factor = (float) random.nextGaussian();
      float[] expected = values.fill(random);
      float[] found = expected.clone();
      scalar.scale(expected, 5, length, factor);
      simd.scale(found, 5, length, factor);
      assertArrayEquals(expected, found, "length " + length);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sumsOfScaledRowsAreTheSame(Values values) {
    Random random = new Random(7);
    int[] slots = {2, 0, 3, 3, 1, 4, 0};
    for (int stride = 16; stride <= 208; stride += 16) {
      float[] rows = values.fill(random, 5 * stride);
      float[] factors = values.fill(random, slots.length);
      for (int count = 0; count <= slots.length; count++) {
        float[] expected = values.fill(random, stride);
        float[] found = values.fill(random, stride);
        scalar.weightedSum(rows, stride, slots, count, factors, expected);
        simd.weightedSum(rows, stride, slots, count, factors, found);
        assertArrayEquals(expected, found, "stride " + stride + ", rows " + count);
      }
    }
  }

  @Test
  void dequantizedBytesAreTheSame() {
    Random random = new Random(6);
    byte[] codes = new byte[128];
    random.nextBytes(codes);
    for (float scale : new float[] {1, 0.0123f, -3e30f, Float.MIN_VALUE, 0, Float.NaN}) {
      for (int length = 0; length <= 112; length += 16) {
        float[] expected = new float[128];
        float[] found = new float[128];
        scalar.dequantize(codes, 5, scale, expected, 3, length);
        simd.dequantize(codes, 5, scale, found, 3, length);
        assertArrayEquals(expected, found, "scale " + scale + ", length " + length);
        for (int i = 0; i < length; i++) {
          assertEquals(codes[5 + i] * scale, found[3 + i]);
        }
      }
    }
  }

  /** What a build of Annoy without SIMD computes. */
  @ParameterizedTest
  @EnumSource
  void shortSumsRunFromLeftToRight(Values values) {
    Random random = new Random(2);
    for (int round = 0; round < 20; round++) {
      for (int length = 0; length < 16; length++) {
        float[] a = values.fill(random);
        float[] b = values.fill(random);
        float dot = 0;
        float squared = 0;
        float absolute = 0;
        for (int i = 0; i < length; i++) {
          float difference = a[2 + i] - b[5 + i];
          dot += a[2 + i] * b[5 + i];
          squared += difference * difference;
          absolute += Math.abs(difference);
        }
        for (VectorUtilSupport support : List.of(scalar, simd)) {
          assertEquals(dot, support.dotProduct(a, 2, b, 5, length));
          assertEquals(squared, support.squaredDistance(a, 2, b, 5, length));
          assertEquals(absolute, support.absoluteDistance(a, 2, b, 5, length));
        }
      }
    }
  }
}
