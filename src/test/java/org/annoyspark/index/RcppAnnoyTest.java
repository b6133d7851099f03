package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.annoyspark.format.DotLayout;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Our files, read by a client that nobody here wrote: {@link RcppAnnoy} finds in them what {@link
 * AnnoyIndex} finds.
 *
 * <p>RcppAnnoy adds in another order than we do. Coordinates are therefore multiples of 1/16, whose
 * inner products and distances no order of additions rounds: ids and distances have to be the same.
 */
class RcppAnnoyTest {

  private static final int QUERIES = 100;
  private static final int K = 10;
  private static final int TREES = 10;
  private static final float GRID = 16;

  /** R passes a 64-bit word as a double, which has room for that many bits. */
  private static final int EXACT_BITS = 53;

  @TempDir Path directory;

  /** For each test, since Surefire does not count a class that is skipped as a whole. */
  @BeforeEach
  void skipWithoutRcppAnnoy() {
    RcppAnnoy.require();
  }

  @ParameterizedTest(name = "{0}, dimension {1}, {2} items, holes: {3}")
  @CsvSource({
    "angular, 24, 2000, none",
    "angular, 24, 2000, every seventh",
    "euclidean, 24, 2000, none",
    "euclidean, 24, 2000, every seventh",
    "manhattan, 24, 2000, none",
    "hamming, 128, 2000, none",
    "hamming, 100, 2000, every seventh",
    // Trees that are no more than a bucket: the original takes most roots for two.
    "angular, 24, 20, none",
    "euclidean, 24, 20, every seventh",
    // A root that is written as a bucket and read as a split.
    "angular, 24, 60, all but the last",
  })
  void sameNeighbors(String metricName, int dimension, int items, String holes) throws Exception {
    Metric metric = Metric.of(metricName, dimension, DotLayout.RELEASED);
    Random random = new Random(dimension * 31L + items);
    float[][] vectors = new float[items][];
    for (int item = 0; item < items; item++) {
      if (!isHole(holes, item, items)) {
        vectors[item] = vector(metricName, dimension, random);
      }
    }
    float[][] queries = new float[QUERIES][];
    for (int q = 0; q < QUERIES; q++) {
      queries[q] = vector(metricName, dimension, random);
      if (metricName.equals("hamming")) {
        clearBeyondExactBits(queries[q], q);
      }
    }
    Path file = directory.resolve(metricName + ".ann");
    Files.write(file, MemoryIndex.file(metric, vectors, TREES, 42));
    AnnoyIndex index = AnnoyIndex.open(file, metric);
    for (int searchK : new int[] {AnnoyIndex.DEFAULT_SEARCH_K, 1000}) {
      RcppAnnoy.Answers expected = RcppAnnoy.ask(directory, metric, file, queries, K, searchK);
      assertSame(index, queries, searchK, expected);
    }
  }

  private static boolean isHole(String holes, int item, int items) {
    return switch (holes) {
      case "none" -> false;
      case "every seventh" -> item % 7 == 0;
      case "all but the last" -> item < items - 1;
      default -> throw new IllegalArgumentException(holes);
    };
  }

  private static float[] vector(String metricName, int dimension, Random random) {
    float[] vector = new float[dimension];
    for (int z = 0; z < dimension; z++) {
      vector[z] =
          metricName.equals("hamming")
              ? random.nextInt(2)
              : Math.round(random.nextGaussian() * GRID) / GRID;
    }
    return vector;
  }

  /** Keeps the lowest bits of each word in one query, the highest in the next. */
  private static void clearBeyondExactBits(float[] query, int number) {
    for (int bit = 0; bit < query.length; bit++) {
      int inWord = bit % Long.SIZE;
      int distanceFromKeptEnd = number % 2 == 0 ? inWord : Long.SIZE - 1 - inWord;
      if (distanceFromKeptEnd >= EXACT_BITS) {
        query[bit] = 0;
      }
    }
  }

  private static void assertSame(
      AnnoyIndex index, float[][] queries, int searchK, RcppAnnoy.Answers expected) {
    assertEquals(expected.items(), index.items());
    assertEquals(expected.roots(), index.searchRoots());
    for (int q = 0; q < QUERIES; q++) {
      Neighbors found = index.nearestToVector(queries[q], K, searchK);
      String which = "query " + q + ", searchK " + searchK;
      assertArrayEquals(expected.found().get(q), found.items(), which);
      float[] distances = expected.distances().get(q);
      for (int i = 0; i < distances.length; i++) {
        assertEquals(distances[i], found.distances()[i], which + ", place " + i);
      }
    }
  }
}
