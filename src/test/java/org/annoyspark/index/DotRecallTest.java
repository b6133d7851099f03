package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.annoyspark.eval.Recall;
import org.annoyspark.format.DotLayout;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A few long items do not hide the others. */
class DotRecallTest {

  private static final int DIMENSION = 20;

  @ParameterizedTest
  @EnumSource(DotLayout.class)
  void theDefaultFindsWhatOneLongItemHides(DotLayout layout) throws IOException {
    Random random = new Random(11);
    float[][] items = gaussian(5000, random);
    items[4321] = items[4321].clone();
    for (int z = 0; z < DIMENSION; z++) {
      items[4321][z] *= 30;
    }
    float[][] queries = gaussian(100, random);
    Metric metric = Metric.of("dot", DIMENSION, layout);
    double longest = recall(metric, items, queries, DotNormCap.ofPercent(100));
    double capped = recall(metric, items, queries, DotNormCap.auto());
    assertTrue(capped > 2 * longest, "expected more than twice " + longest + ", found " + capped);
  }

  private static double recall(Metric metric, float[][] items, float[][] queries, DotNormCap cap)
      throws IOException {
    AnnoyIndex index = MemoryIndex.open(metric, MemoryIndex.file(metric, items, cap, 5, 42));
    int[] selves = new int[queries.length];
    Arrays.fill(selves, -1);
    return Recall.measure(index, queries, selves, 10, 500).recall();
  }

  private static float[][] gaussian(int count, Random random) {
    float[][] rows = new float[count][DIMENSION];
    for (float[] row : rows) {
      for (int z = 0; z < DIMENSION; z++) {
        row[z] = (float) random.nextGaussian();
      }
    }
    return rows;
  }
}
