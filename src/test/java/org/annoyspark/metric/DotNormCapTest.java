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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DotNormCapTest {

  private static final float[] NORMS = norms(2000);

  private static float[] norms(int count) {
    Random random = new Random(3);
    float[] norms = new float[count];
    for (int i = 0; i < count; i++) {
      norms[i] = (float) Math.exp(random.nextGaussian());
    }
    return norms;
  }

  /** Items of one dimension, of one sign, the other, and so on. */
  private static ItemSpread items(float... norms) {
    ItemSpread items = new ItemSpread();
    for (int i = 0; i < norms.length; i++) {
      items.add(new float[] {i % 2 == 0 ? norms[i] : -norms[i]});
    }
    return items;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.001, 1, 12.5, 50, 75, 99.9, 100})
  void aPercentileIsThatOfTheSortedNorms(double percent) {
    float[] sorted = NORMS.clone();
    Arrays.sort(sorted);
    float norm = sorted[(int) Math.ceil(percent / 100 * sorted.length) - 1];
    float exact = norm * norm;
    float found = DotNormCap.ofPercent(percent).squaredNorm(items(NORMS));
    assertTrue(found >= exact && found <= exact * (1 + 1f / 128), exact + ", found " + found);
  }

  @Test
  void oneHundredIsTheLargestToTheLastBit() {
    assertEquals(0.1f * 0.1f, DotNormCap.ofPercent(100).squaredNorm(items(0.05f, 0.1f, 0)));
  }

  @Test
  void autoIsAMultipleOfTheMedianButNoMoreThanTheLargest() {
    // The step of 4 ends at the float before 4.03125.
    float median = Math.nextDown(4.03125f);
    assertEquals((float) (1.5625 * median), DotNormCap.auto().squaredNorm(items(1, 1, 2, 20, 22)));
    assertEquals(6.25f, DotNormCap.auto().squaredNorm(items(1, 1, 2, 2.5f, 2.5f)));
  }

  /** Cosines of 1 within a group of items, and of 0 between the two. */
  @ParameterizedTest
  @CsvSource({"700, 0.58, false", "760, 0.635, true", "1000, 1, true", "500, 0.4995, false"})
  void autoIsAHighPercentileAroundOneDirection(int inOne, double meanCosine, boolean isHigh) {
    ItemSpread items = new ItemSpread();
    for (int i = 0; i < 1000; i++) {
      float norm = 1 + i * 7 % 1000 / 1000f;
      items.add(i < inOne ? new float[] {norm, 0} : new float[] {0, norm});
    }
    assertEquals(meanCosine, items.meanCosine(), 0.001);
    float expected = isHigh ? 1.994f : 1.25f * 1.499f;
    assertEquals(expected, Math.sqrt(DotNormCap.auto().squaredNorm(items)), 0.01);
  }

  @Test
  void withoutTwoDirectionsThereIsNoCosine() {
    assertEquals(0, items().meanCosine());
    assertEquals(0, items(3).meanCosine());
    assertEquals(0, items(3, 0, Float.MAX_VALUE, 0).meanCosine());
    assertEquals(-1, items(3, 4).meanCosine(), 1e-9);
  }

  @Test
  void extremes() {
    assertEquals(0, DotNormCap.auto().squaredNorm(items(0, 0)));
    float infinity = Float.POSITIVE_INFINITY;
    float most = Float.MAX_VALUE;
    assertEquals(infinity, DotNormCap.auto().squaredNorm(items(1, most, most)));
    float least = 1.0e-22f;
    assertEquals(least * least, DotNormCap.ofPercent(1).squaredNorm(items(least)));
  }

  /** However the items were divided, and in whatever order the parts are added up. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1999})
  void partsDoNotShow(int parts) {
    ItemSpread whole = new ItemSpread();
    ItemSpread[] spreads = new ItemSpread[parts];
    Arrays.setAll(spreads, part -> new ItemSpread());
    Random random = new Random(4);
    float[][] vectors = new float[NORMS.length][3];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] =
          new float[] {NORMS[i], (float) random.nextGaussian(), (float) random.nextGaussian()};
      whole.add(vectors[i]);
    }
    for (int i = vectors.length - 1; i >= 0; i--) {
      spreads[i * 31 % parts].add(vectors[i]);
    }
    ItemSpread sum = new ItemSpread();
    for (ItemSpread part : spreads) {
      sum.add(part);
    }
    assertEquals(whole.meanCosine(), sum.meanCosine());
    for (double percent = 0.5; percent <= 100; percent += 0.5) {
      DotNormCap cap = DotNormCap.ofPercent(percent);
      assertEquals(cap.squaredNorm(whole), cap.squaredNorm(sum));
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
