package org.annoyspark.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.MemoryIndex;
import org.annoyspark.index.Neighbors;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exact search against one written down plainly, in doubles; recall against exact search. */
class ExactSearcherTest {

  private static final int DIMENSION = 9;
  private static final int K = 12;

  /** More items than a block, holes among them; more queries than a batch. */
  private static final float[][] ITEMS = vectors(700, 1);

  private static final float[][] QUERIES = vectors(150, 2);

  static {
    for (int hole = 3; hole < ITEMS.length; hole += 10) {
      ITEMS[hole] = null;
    }
  }

  private static float[][] vectors(int count, long seed) {
    Random random = new Random(seed);
    float[][] vectors = new float[count][DIMENSION];
    for (float[] vector : vectors) {
      for (int z = 0; z < DIMENSION; z++) {
        vector[z] = (float) random.nextGaussian();
      }
    }
    return vectors;
  }

  private static AnnoyIndex index(String metric) throws IOException {
    Metric m = Metric.of(metric, DIMENSION, DotLayout.RELEASED);
    return MemoryIndex.open(m, MemoryIndex.file(m, ITEMS, 3, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"angular", "euclidean", "manhattan", "dot", "hamming"})
  void findsWhatComparingAllFinds(String metric) throws IOException {
    Neighbors[] found = new ExactSearcher(index(metric)).nearest(QUERIES, K);
    assertEquals(QUERIES.length, found.length);
    for (int q = 0; q < QUERIES.length; q++) {
      float[] query = QUERIES[q];
      int[] expected =
          IntStream.range(0, ITEMS.length)
              .filter(item -> ITEMS[item] != null)
              .boxed()
              .sorted(Comparator.comparingDouble(item -> order(metric, query, ITEMS[item])))
              .mapToInt(item -> item)
              .limit(K)
              .toArray();
      assertArrayEquals(expected, found[q].items(), "query " + q);
      for (int i = 0; i < K; i++) {
        double distance = distance(metric, query, ITEMS[expected[i]]);
        assertEquals(distance, found[q].distances()[i], 1e-5 * Math.max(1, Math.abs(distance)));
      }
    }
  }

  /** Smaller is nearer. */
  private static double order(String metric, float[] a, float[] b) {
    double distance = distance(metric, a, b);
    return metric.equals("dot") ? -distance : distance;
  }

  private static double distance(String metric, float[] a, float[] b) {
    return switch (metric) {
      case "angular" -> Math.sqrt(2 - 2 * dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)));
      case "euclidean" -> Math.sqrt(sum(z -> ((double) a[z] - b[z]) * ((double) a[z] - b[z])));
      case "manhattan" -> sum(z -> Math.abs((double) a[z] - b[z]));
      case "dot" -> dot(a, b);
      default -> sum(z -> (a[z] > 0.5f) == (b[z] > 0.5f) ? 0 : 1);
    };
  }

  private static double dot(float[] a, float[] b) {
    return sum(z -> (double) a[z] * b[z]);
  }

  private static double sum(IntToDoubleFunction term) {
    return IntStream.range(0, DIMENSION).mapToDouble(term).sum();
  }

  @Test
  void fewerItemsThanAskedForAreAllFound() throws IOException {
    Neighbors[] found = new ExactSearcher(index("euclidean")).nearest(vectors(1, 3), 10_000);
    assertEquals(630, found[0].size());
  }

  @Test
  void noQueriesNoAnswers() throws IOException {
    assertEquals(0, new ExactSearcher(index("dot")).nearest(new float[0][], K).length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"angular", "euclidean", "manhattan", "dot"})
  void aFullSearchHasFullRecall(String metric) throws IOException {
    int[] noSelves = new int[QUERIES.length];
    Arrays.fill(noSelves, -1);
    assertEquals(
        new Recall(QUERIES.length, 1),
        Recall.measure(index(metric), QUERIES, noSelves, K, 1_000_000));
  }

  @Test
  void recallIsTheShareOfTheTrueNeighbors() throws IOException {
    AnnoyIndex index = index("euclidean");
    int[] selves = {4, 8, 20};
    float[][] queries = {ITEMS[4], ITEMS[8], ITEMS[20]};
    Neighbors[] exact = new ExactSearcher(index).nearest(queries, K + 1);
    double hits = 0;
    for (int q = 0; q < selves.length; q++) {
      int[] found = index.nearestToVector(queries[q], K + 1, 1).items();
      assertEquals(selves[q], exact[q].items()[0]);
      int[] truth = Arrays.copyOfRange(exact[q].items(), 1, K + 1);
      int self = selves[q];
      hits +=
          Arrays.stream(found)
              .filter(item -> item != self)
              .limit(K)
              .filter(item -> Arrays.stream(truth).anyMatch(t -> t == item))
              .count();
    }
    Recall recall = Recall.measure(index, queries, selves, K, 1);
    assertEquals(hits / (selves.length * K), recall.recall(), 1e-12);
  }

  @Test
  void recallOfNothingIsRefused() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Recall.measure(index("dot"), QUERIES, new int[QUERIES.length], 0, -1));
    assertEquals("k: expected 1 or more, found 0", e.getMessage());
  }
}
