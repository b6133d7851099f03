package org.annoyspark.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.annoyspark.vector.KernelAgreementTest.Values;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RowBlockTest {

  /** Enough for the widest registers, several at a time. */
  private static final int CAPACITY = 163;

  private static final int SPARE = 3;

  /** What no sum is. */
  private static final float NEVER = 0x1.234568p99f;

  /** More than are measured by row. */
  private static final int VECTORS = 4;

  private interface BlockKernel {
    void measure(RowBlock block, int count, float[] vector, float[] target);
  }

  private interface Kernel {
    float measure(float[] rows, int offset, float[] vector, int vectorOffset, int length);
  }

  private static final List<BlockKernel> BLOCK_KERNELS =
      List.of(RowBlock::dotProducts, RowBlock::squaredDistances, RowBlock::absoluteDistances);

  private final VectorUtilSupport scalar = new DefaultVectorUtilSupport();

  private final List<Kernel> kernels =
      List.of(scalar::dotProduct, scalar::squaredDistance, scalar::absoluteDistance);

  /** From the first vector to those that find the rows in columns. */
  @ParameterizedTest
  @EnumSource
  void rowsAreAsEachAlone(Values values) {
    Random random = new Random(5);
    for (VectorUtilSupport support : List.of(scalar, new PanamaVectorUtilSupport())) {
      for (int length = 0; length <= 150; length += length < 20 ? 1 : 13) {
        RowBlock block = new RowBlock(support, CAPACITY, length, SPARE);
        for (int count : new int[] {CAPACITY, 31, 0, 1, 32, 45}) {
          load(block, values.fill(random, CAPACITY * length + SPARE));
          for (int i = 0; i < VECTORS; i++) {
            assertMeasures(block, count, values.fill(random), length);
          }
        }
      }
    }
  }

  private static void load(RowBlock block, float[] rows) {
    System.arraycopy(rows, 0, block.startLoading(), 0, rows.length);
  }

  private void assertMeasures(RowBlock block, int count, float[] vector, int length) {
    for (int kernel = 0; kernel < kernels.size(); kernel++) {
      float[] found = new float[count];
      Arrays.fill(found, NEVER);
      BLOCK_KERNELS.get(kernel).measure(block, count, vector, found);
      for (int row = 0; row < count; row++) {
        float expected =
            kernels.get(kernel).measure(block.values(), row * length, vector, 0, length);
        String where = "kernel " + kernel + ", length " + length + ", row " + row + " of " + count;
        assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(found[row]), where);
      }
    }
  }

  /** The kernels over columns themselves, which a block uses only if it is to be faster. */
  @Test
  void columnsAreMeasured() {
    float[][] columns = new float[17][];
    float[] vector = new float[17];
    for (int z = 0; z < columns.length; z++) {
      columns[z] = new float[] {3, 5};
      vector[z] = 1;
    }
    assertMeasures(new float[] {51, 85}, ColumnKernel.DOT_PRODUCT, columns, vector);
    assertMeasures(new float[] {68, 272}, ColumnKernel.SQUARED_DISTANCE, columns, vector);
    assertMeasures(new float[] {34, 68}, ColumnKernel.ABSOLUTE_DISTANCE, columns, vector);
  }

  private static void assertMeasures(
      float[] expected, ColumnKernel kernel, float[][] columns, float[] vector) {
    float[] found = new float[expected.length];
    kernel.measure(columns, found.length, vector, vector.length, new float[16][2], found);
    assertArrayEquals(expected, found);
  }

  /** Of one load, first fewer rows and then more. */
  @Test
  void moreRowsOfALoad() {
    Random random = new Random(6);
    int length = 20;
    RowBlock block = new RowBlock(scalar, CAPACITY, length, 0);
    load(block, Values.ANY_MAGNITUDE.fill(random, CAPACITY * length));
    for (int count : new int[] {32, 33, CAPACITY, 32}) {
      assertMeasures(block, count, Values.ANY_MAGNITUDE.fill(random), length);
    }
  }

  @ParameterizedTest
  @CsvSource({"-1, 5, 5", "2, 4, 5", "6, 5, 6", "2, 5, 1"})
  void rowsOutsideTheirArraysThrow(int count, int vectorLength, int targets) {
    RowBlock block = new RowBlock(scalar, 5, 5, 5);
    float[] vector = new float[vectorLength];
    float[] target = new float[targets];
    for (BlockKernel kernel : BLOCK_KERNELS) {
      Executable call = () -> kernel.measure(block, count, vector, target);
      assertThrows(IndexOutOfBoundsException.class, call);
    }
  }
}
