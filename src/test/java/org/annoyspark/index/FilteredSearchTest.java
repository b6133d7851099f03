package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.annoyspark.format.DotLayout;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only what may be found is found, and of that the nearest, k of them where there are so many. */
class FilteredSearchTest {

  private static final int ROWS = 700;
  private static final int QUERIES = 30;

  /** Ascending items. */
  private record Items(int... items) implements ItemSet {
    @Override
    public boolean contains(int item) {
      return Arrays.binarySearch(items, item) >= 0;
    }

    @Override
    public long size() {
      return items.length;
    }

    @Override
    public PrimitiveIterator.OfInt iterator() {
      return Arrays.stream(items).iterator();
    }
  }

  private static float[][] vectors(Metric metric, int rows, double holes, long seed) {
    return Vectors.GAUSSIAN.rows(rows, metric.dimension(), holes, new Random(seed));
  }

  private static AnnoyIndex index(Metric metric) throws IOException {
    return MemoryIndex.open(metric, MemoryIndex.file(metric, vectors(metric, ROWS, 0.1, 1), 3, 1));
  }

  private static int[] some(AnnoyIndex index, double share, Random random) {
    return IntStream.range(0, index.items())
        .filter(index::isItem)
        .filter(item -> random.nextDouble() < share)
        .toArray();
  }

  /** A filter of all kinds: every third vector has a list of its own. */
  private static CandidateFilter filter(AnnoyIndex index, double share, Random random) {
    int[][] only = new int[QUERIES][];
    int[][] excluded = new int[QUERIES][];
    for (int q = 0; q < QUERIES; q++) {
      only[q] = q % 3 == 0 ? some(index, 0.1, random) : null;
      excluded[q] = some(index, q % 2 == 0 ? 0.3 : 0, random);
    }
    ItemSet allowed = share == 1 ? null : new Items(some(index, share, random));
    return new CandidateFilter(allowed, only, excluded);
  }

  private static IntPredicate passes(CandidateFilter filter, int query) {
    return item ->
        (filter.allowed() == null || filter.allowed().contains(item))
            && (filter.only()[query] == null
                || IntStream.of(filter.only()[query]).anyMatch(only -> only == item))
            && IntStream.of(filter.excluded()[query]).noneMatch(excluded -> excluded == item);
  }

  @ParameterizedTest
  @ValueSource(strings = {"angular", "euclidean", "manhattan", "dot", "hamming"})
  void atAFullBudgetTheNearestOfThoseThatPass(String name) throws IOException {
    Metric metric = Metric.of(name, 20, DotLayout.RELEASED);
    AnnoyIndex index = index(metric);
    float[][] queries = vectors(metric, QUERIES, 0, 2);
    // All items, each in its place.
    Neighbors[] ranked = index.nearestToVectors(queries, ROWS, Integer.MAX_VALUE);
    Random random = new Random(3);
    for (double share : new double[] {0, 0.01, 0.2, 1}) {
      CandidateFilter filter = filter(index, share, random);
      for (int k : new int[] {1, 10, ROWS}) {
        Neighbors[] found = index.nearestToVectors(queries, k, Integer.MAX_VALUE, filter);
        for (int q = 0; q < QUERIES; q++) {
          int[] expected =
              IntStream.of(ranked[q].items()).filter(passes(filter, q)).limit(k).toArray();
          assertArrayEquals(expected, found[q].items(), name + " " + share + " query " + q);
        }
      }
    }
  }

  @Test
  void howeverSmallTheBudgetAllThatAreAskedForAreFound() throws IOException {
    Metric metric = Metric.of("euclidean", 20, DotLayout.RELEASED);
    AnnoyIndex index = index(metric);
    float[][] queries = vectors(metric, QUERIES, 0, 2);
    Random random = new Random(4);
    for (double share : new double[] {0, 0.01, 0.2, 1}) {
      CandidateFilter filter = filter(index, share, random);
      for (int searchK : new int[] {AnnoyIndex.DEFAULT_SEARCH_K, 1, 20}) {
        Neighbors[] found = index.nearestToVectors(queries, 15, searchK, filter);
        for (int q = 0; q < QUERIES; q++) {
          IntPredicate passes = passes(filter, q);
          long possible =
              IntStream.range(0, index.items()).filter(index::isItem).filter(passes).count();
          assertEquals(Math.min(15, possible), found[q].size());
          assertTrue(IntStream.of(found[q].items()).allMatch(passes));
        }
      }
    }
  }

  /** The walk is the same, so what it finds is: the nearest of the candidates that pass. */
  @Test
  void aFilterThatLetsAllPassChangesNothing() throws IOException {
    Metric metric = Metric.of("angular", 20, DotLayout.RELEASED);
    AnnoyIndex index = index(metric);
    float[][] queries = vectors(metric, QUERIES, 0, 2);
    ItemSet all = new Items(IntStream.range(0, index.items()).toArray());
    for (int searchK : new int[] {AnnoyIndex.DEFAULT_SEARCH_K, 60}) {
      Neighbors[] expected = index.nearestToVectors(queries, 5, searchK);
      for (CandidateFilter filter :
          new CandidateFilter[] {
            new CandidateFilter(null, null, null),
            new CandidateFilter(all, new int[QUERIES][], new int[QUERIES][0])
          }) {
        Neighbors[] found = index.nearestToVectors(queries, 5, searchK, filter);
        for (int q = 0; q < QUERIES; q++) {
          BulkSearchTest.assertSame(expected[q], found[q]);
        }
      }
    }
  }

  @Test
  void itemsThatThereAreNotAreNotFound() throws IOException {
    Metric metric = Metric.of("angular", 20, DotLayout.RELEASED);
    AnnoyIndex index = index(metric);
    float[][] queries = vectors(metric, 1, 0, 2);
    int hole = IntStream.range(0, ROWS).filter(item -> !index.isItem(item)).findFirst().getAsInt();
    int item = IntStream.range(0, ROWS).filter(index::isItem).findFirst().getAsInt();
    int[][] only = {{-1, hole, item, item, Integer.MAX_VALUE}};
    Neighbors[] found =
        index.nearestToVectors(queries, 9, -1, new CandidateFilter(null, only, null));
    assertArrayEquals(new int[] {item}, found[0].items());
    assertEquals(
        "k: expected 1 or more, found 0",
        assertThrows(
                IllegalArgumentException.class,
                () -> index.nearestToVectors(queries, 0, -1, new CandidateFilter(null, only, null)))
            .getMessage());
  }

  @Test
  void eachVectorHasAList() throws IOException {
    Metric metric = Metric.of("angular", 20, DotLayout.RELEASED);
    AnnoyIndex index = index(metric);
    float[][] queries = vectors(metric, 3, 0, 2);
    for (CandidateFilter filter :
        new CandidateFilter[] {
          new CandidateFilter(null, new int[2][], null),
          new CandidateFilter(null, null, new int[2][0])
        }) {
      assertEquals(
          "filter: expected a list for each of 3 vectors, found 2",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> index.nearestToVectors(queries, 1, 1, filter))
              .getMessage());
    }
  }
}
