package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.metric.KeyedRandom;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Rows;
import org.annoyspark.metric.Split;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What two means are to find, whatever item they start from. */
class ChosenSplitTest {

  private static final int DIMENSION = 20;
  private static final int ITEMS = Split.SAMPLE_SIZE;

  /** The sample's first two, from which the means start, are both of the first group. */
  @ParameterizedTest
  @ValueSource(strings = {"angular", "euclidean", "manhattan", "dot"})
  void groupsThatStandApartAreDivided(String metric) {
    Random random = new Random(1);
    for (int round = 0; round < 20; round++) {
      float[][] vectors = new float[ITEMS][];
      for (int item = 0; item < ITEMS; item++) {
        vectors[item] = gaussian(random, 0.3);
        vectors[item][isOfFirstGroup(item) ? 0 : 1] += 4;
      }
      float[] margins = margins(metric, vectors, round);
      for (int item = 0; item < ITEMS; item++) {
        boolean isWithFirst = margins[item] > 0 == margins[0] > 0;
        assertEquals(isOfFirstGroup(item), isWithFirst, "item " + item + ", round " + round);
      }
    }
  }

  private static boolean isOfFirstGroup(int item) {
    return item < Split.SEEDS || item % 2 == 0;
  }

  /**
   * As factors do that have a mean; a side that has nearly all would be divided again and again.
   */
  @ParameterizedTest
  @ValueSource(strings = {"angular", "euclidean", "manhattan", "dot"})
  void itemsToOneSideOfTheOriginAreBalanced(String metric) {
    Random random = new Random(2);
    double sum = 0;
    int rounds = 50;
    for (int round = 0; round < rounds; round++) {
      float[][] vectors = new float[ITEMS][];
      for (int item = 0; item < ITEMS; item++) {
        vectors[item] = gaussian(random, 1);
        for (int z = 0; z < DIMENSION; z++) {
          vectors[item][z] += 2;
        }
      }
      int side1 = 0;
      for (float margin : margins(metric, vectors, round)) {
        side1 += margin > 0 ? 1 : 0;
      }
      sum += Math.max(side1, ITEMS - side1) / (double) ITEMS;
    }
    assertTrue(sum / rounds < 0.6, "mean share of the larger side " + sum / rounds);
  }

  private static float[] gaussian(Random random, double scale) {
    float[] vector = new float[DIMENSION];
    for (int z = 0; z < DIMENSION; z++) {
      vector[z] = (float) (scale * random.nextGaussian());
    }
    return vector;
  }

  /** Of all vectors, which are the sample. */
  private static float[] margins(String name, float[][] vectors, int key) {
    Metric metric = Metric.of(name, DIMENSION, DotLayout.RELEASED);
    NodeStore items = MemoryIndex.items(metric, vectors, DotNormCap.ofPercent(100));
    Rows rows = metric.newRows(ITEMS);
    for (int item = 0; item < ITEMS; item++) {
      rows.load(items, item, item);
    }
    int[] sample = IntStream.range(0, ITEMS).toArray();
    Split split = metric.chooseSplit(rows, sample, new KeyedRandom(key));
    float[] margins = new float[ITEMS];
    split.margins(rows, sample, 0, ITEMS, margins);
    return margins;
  }
}
