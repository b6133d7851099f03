package org.annoyspark.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.NodeLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DotNormCapTest {

  private static final float[] SQUARED_NORMS = squaredNorms(2000);

  private static float[] squaredNorms(int count) {
    Random random = new Random(3);
    float[] norms = new float[count];
    for (int i = 0; i < count; i++) {
      norms[i] = (float) Math.exp(2 * random.nextGaussian());
    }
    return norms;
  }

  private static NormCounts counts(float... squaredNorms) {
    NormCounts counts = new NormCounts();
    for (float squaredNorm : squaredNorms) {
      counts.add(squaredNorm);
    }
    return counts;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.001, 1, 12.5, 50, 75, 99.9, 100})
  void aPercentileIsThatOfTheSortedNorms(double percent) {
    float[] sorted = SQUARED_NORMS.clone();
    Arrays.sort(sorted);
    float exact = sorted[(int) Math.ceil(percent / 100 * sorted.length) - 1];
    float found = DotNormCap.ofPercent(percent).squaredNorm(counts(SQUARED_NORMS));
    assertTrue(found >= exact && found <= exact * (1 + 1f / 128), exact + ", found " + found);
  }

  @Test
  void oneHundredIsTheLargestToTheLastBit() {
    assertEquals(0.1f, DotNormCap.ofPercent(100).squaredNorm(counts(0.05f, 0.1f, 0)));
  }

  @Test
  void autoIsAMultipleOfTheMedianButNoMoreThanTheLargest() {
    // The step of 4 ends at the float before 4.03125.
    float median = Math.nextDown(4.03125f);
    assertEquals(
        (float) (1.5625 * median), DotNormCap.auto().squaredNorm(counts(1, 2, 4, 400, 500)));
    assertEquals(5, DotNormCap.auto().squaredNorm(counts(1, 2, 4, 5, 5)));
  }

  @Test
  void extremes() {
    assertEquals(0, DotNormCap.auto().squaredNorm(counts(0, 0)));
    float infinity = Float.POSITIVE_INFINITY;
    assertEquals(infinity, DotNormCap.auto().squaredNorm(counts(1, infinity, infinity)));
    assertEquals(Float.MIN_VALUE, DotNormCap.ofPercent(1).squaredNorm(counts(Float.MIN_VALUE)));
  }

  /** However the items were divided, and in whatever order the parts are added up. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1999})
  void partsDoNotShow(int parts) {
    NormCounts[] counts = new NormCounts[parts];
    Arrays.setAll(counts, part -> new NormCounts());
    for (int i = SQUARED_NORMS.length - 1; i >= 0; i--) {
      counts[i * 31 % parts].add(SQUARED_NORMS[i]);
    }
    NormCounts sum = new NormCounts();
    for (NormCounts part : counts) {
      sum.add(part);
    }
    for (double percent = 0.5; percent <= 100; percent += 0.5) {
      DotNormCap cap = DotNormCap.ofPercent(percent);
      assertEquals(cap.squaredNorm(counts(SQUARED_NORMS)), cap.squaredNorm(sum));
    }
  }

  @Test
  void noPercentage() {
    for (double percent : new double[] {0, -1, 100.1, Double.NaN}) {
      assertEquals(
          "dot norm cap: expected auto, or a percentage above 0 and up to 100, found " + percent,
          assertThrows(IllegalArgumentException.class, () -> DotNormCap.ofPercent(percent))
              .getMessage());
    }
  }

  /** Shorter items get what they lack; longer ones nothing, and their own length. */
  @Test
  void factorsBringItemsToTheCap() {
    Metric metric = Metric.of("dot", 2, DotLayout.MAIN);
    assertHeader(metric, new float[] {3, 0}, 4, 25);
    assertHeader(metric, new float[] {6, 8}, 0, 100);
  }

  private static void assertHeader(Metric metric, float[] vector, float factor, float norm) {
    ByteBuffer node =
        ByteBuffer.allocate(metric.layout().nodeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    metric.writeItem(vector, 25, node);
    assertEquals(factor, node.getFloat(NodeLayout.DOT_FACTOR_OFFSET_BYTES));
    assertEquals(norm, node.getFloat(NodeLayout.DOT_MAIN_NORM_OFFSET_BYTES));
  }
}
