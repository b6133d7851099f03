package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.annoyspark.format.DotLayout;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A single query allocates its answer, and nothing else: once the optimizing compiler has seen it,
 * and the rows that it meets have been quantized.
 */
class QueryAllocationTest {

  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private static final int ITEMS = 2000;
  private static final int QUERIES = 100;

  /** Vectors are objects until the optimizing compiler has seen enough of them. */
  private static final int MOST_ROUNDS = 3000;

  /** What asks for the neighbours of an item. */
  private interface Search {
    Neighbors neighbors(int item);
  }

  /** With 100 floats, rows are also kept as bytes; with 10 they are not. */
  @ParameterizedTest
  @CsvSource({
    "angular, 100",
    "euclidean, 100",
    "manhattan, 100",
    "dot, 100",
    "hamming, 100",
    "angular, 10"
  })
  void aQueryAllocatesItsAnswer(String name, int dimension) throws IOException {
    Metric metric = Metric.of(name, dimension, DotLayout.RELEASED);
    float[][] vectors = Vectors.GAUSSIAN.rows(ITEMS, dimension, 0, new Random(1));
    AnnoyIndex index = MemoryIndex.open(metric, MemoryIndex.file(metric, vectors, 5, 1));
    for (int k : new int[] {1, 10, 100}) {
      assertAllocatesItsAnswer(k, item -> index.nearestToVector(vectors[item], k, 1000));
      assertAllocatesItsAnswer(k, item -> index.nearestToItem(item, k, -1));
    }
  }

  private static void assertAllocatesItsAnswer(int k, Search search) {
    Neighbors[] answers = new Neighbors[QUERIES];
    long expected = least(answers, item -> new Neighbors(new int[k], new float[k]), 0);
    assertEquals(expected, least(answers, search, expected));
  }

  /**
   * The least bytes that all queries took together.
   *
   * @param expected if they took that, they need not be asked again
   */
  private static long least(Neighbors[] answers, Search search, long expected) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < MOST_ROUNDS && least > expected; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < answers.length; i++) {
        answers[i] = search.neighbors(i);
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
