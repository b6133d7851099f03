package org.annoyspark.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorUtilTest {

  @Test
  void hammingDistanceCountsBits() {
    Random random = new Random(3);
    for (int words = 0; words <= 40; words++) {
      long[] a = random.longs(words + 2).toArray();
      long[] b = random.longs(words + 1).toArray();
      int expected = 0;
      for (int bit = 0; bit < words * 64; bit++) {
        boolean inA = (a[2 + bit / 64] >>> (bit % 64) & 1) == 1;
        boolean inB = (b[1 + bit / 64] >>> (bit % 64) & 1) == 1;
        expected += inA != inB ? 1 : 0;
      }
      assertEquals(expected, VectorUtil.hammingDistance(a, 2, b, 1, words));
    }
  }

  @Test
  void squaredNormIsTheDotProductWithItself() {
    assertEquals(25f, VectorUtil.squaredNorm(new float[] {9, 3, 4, 9}, 1, 2));
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 1", "0, -1, 1", "0, 0, -1", "0, 0, 6", "3, 0, 3", "0, 4, 2", "6, 0, 0"})
  void rangesOutsideTheirArraysThrow(int aOffset, int bOffset, int length) {
    float[] floats = new float[5];
    long[] longs = new long[5];
    List<Executable> calls =
        List.of(
            () -> VectorUtil.dotProduct(floats, aOffset, floats, bOffset, length),
            () -> VectorUtil.squaredDistance(floats, aOffset, floats, bOffset, length),
            () -> VectorUtil.absoluteDistance(floats, aOffset, floats, bOffset, length),
            () -> VectorUtil.hammingDistance(longs, aOffset, longs, bOffset, length));
    for (Executable call : calls) {
      assertThrows(IndexOutOfBoundsException.class, call);
    }
  }

  @Test
  void nothingAtTheEndIsZero() {
    assertEquals(0f, VectorUtil.dotProduct(new float[5], 5, new float[0], 0, 0));
    assertEquals(0, VectorUtil.hammingDistance(new long[5], 5, new long[0], 0, 0));
  }
}
