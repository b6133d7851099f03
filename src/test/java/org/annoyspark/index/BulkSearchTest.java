package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.HeapNodeStore;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;

/** Many queries together are answered as each is alone, to the last bit. */
class BulkSearchTest {

  private static final int QUERIES = 40;

  record Case(Metric metric, Vectors kind, int rows, double holes, long seed) {}

  record Effort(int k, int searchK, int mostPairs) {}

  @Provide
  Arbitrary<Case> cases() {
    // Leaves of the longer vectors hold more items than are measured at once.
    Arbitrary<Integer> dimensions =
        Arbitraries.frequencyOf(
            Tuple.of(5, Arbitraries.integers().between(1, 70)),
            Tuple.of(1, Arbitraries.integers().between(150, 260)));
    Arbitrary<Metric> metrics =
        Combinators.combine(
                Arbitraries.of(Metric.NAMES), dimensions, Arbitraries.of(DotLayout.class))
            .as(Metric::of);
    return Combinators.combine(
            metrics,
            Arbitraries.of(Vectors.class),
            Arbitraries.integers().between(1, 300),
            Arbitraries.of(0.0, 0.3, 0.97),
            Arbitraries.longs())
        .as(Case::new);
  }

  /** Also k above the number of items, and pairs measured in the middle of a walk. */
  @Provide
  Arbitrary<Effort> efforts() {
    return Combinators.combine(
            Arbitraries.of(1, 2, 10, 100, 1000),
            Arbitraries.of(1, 10, 100, Integer.MAX_VALUE),
            Arbitraries.of(1, 7, 1 << 20))
        .as(Effort::new);
  }

  @Property(tries = 1000, seed = "1", edgeCases = EdgeCasesMode.NONE)
  void togetherAsAlone(@ForAll("cases") Case c, @ForAll("efforts") Effort effort)
      throws IOException {
    Random random = new Random(c.seed());
    float[][] vectors = c.kind().rows(c.rows(), c.metric().dimension(), c.holes(), random);
    float[][] queries = c.kind().rows(QUERIES, c.metric().dimension(), 0, random);
    queries[1] = queries[0];
    queries[2] = vectors[vectors.length - 1];
    byte[] file = MemoryIndex.file(c.metric(), vectors, 3, c.seed());
    NodeStore store = new HeapNodeStore("memory", c.metric().layout(), file);
    Forest forest = new Forest(store, c.metric());
    Searcher alone = new Searcher(store, forest, c.metric(), () -> null, 0);
    Neighbors[] together =
        new BulkSearcher(store, forest, c.metric(), effort.mostPairs())
            .search(queries, effort.k(), effort.searchK());
    for (int q = 0; q < QUERIES; q++) {
      alone.query().bind(queries[q]);
      assertSame(alone.search(effort.k(), effort.searchK()), together[q]);
    }
  }

  static void assertSame(Neighbors expected, Neighbors found) {
    assertArrayEquals(expected.items(), found.items());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(
          Float.floatToRawIntBits(expected.distances()[i]),
          Float.floatToRawIntBits(found.distances()[i]));
    }
  }

  @Example
  void argumentsAreChecked() throws IOException {
    Metric metric = Metric.of("euclidean", 2, DotLayout.RELEASED);
    float[][] vectors = Vectors.GAUSSIAN.rows(10, 2, 0, new Random(1));
    AnnoyIndex index = MemoryIndex.open(metric, MemoryIndex.file(metric, vectors, 1, 1));
    assertEquals(0, index.nearestToVectors(new float[0][], 1, 1).length);
    assertSame(index.nearestToVector(vectors[3], 4, -1), index.nearestToVectors(vectors, 4, -1)[3]);
    assertRefused("k: expected 1 or more, found 0", () -> index.nearestToVectors(vectors, 0, 1));
    assertRefused(
        "query vector: expected dimension 2, as the index has, found 3",
        () -> index.nearestToVectors(new float[][] {{1, 2}, {1, 2, 3}}, 1, 1));
    assertRefused(
        "query vector: expected finite numbers, found NaN at position 1",
        () -> index.nearestToVectors(new float[][] {{1, Float.NaN}}, 1, 1));
  }

  private static void assertRefused(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
