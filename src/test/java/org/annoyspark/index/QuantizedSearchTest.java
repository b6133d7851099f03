package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.HeapNodeStore;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.QuantizedRows;
import org.annoyspark.metric.Query;

/** Searches led by quantized rows have the answers of those that read every row of the file. */
class QuantizedSearchTest {

  private static final int QUERIES = 20;

  /** All that canQuantize. */
  private static final List<String> METRICS = List.of("angular", "euclidean", "manhattan", "dot");

  record Case(Metric metric, Vectors kind, int rows, double holes, long seed) {

    float[][] vectors(Random random) {
      return kind.rows(rows, metric.dimension(), holes, random);
    }
  }

  @Provide
  Arbitrary<Case> cases() {
    Arbitrary<Metric> metrics =
        Combinators.combine(
                Arbitraries.of(METRICS),
                Arbitraries.oneOf(Arbitraries.integers().between(1, 140), Arbitraries.just(700)),
                Arbitraries.of(DotLayout.class))
            .as(Metric::of);
    return Combinators.combine(
            metrics,
            Arbitraries.of(Vectors.class),
            Arbitraries.integers().between(1, 300),
            Arbitraries.of(0.0, 0.3, 0.97),
            Arbitraries.longs())
        .as(Case::new);
  }

  @Property(tries = 1000, seed = "1", edgeCases = EdgeCasesMode.NONE)
  void answersAreTheSame(@ForAll("cases") Case c) throws IOException {
    Random random = new Random(c.seed());
    float[][] vectors = c.vectors(random);
    NodeStore store = store(c.metric(), MemoryIndex.file(c.metric(), vectors, 3, c.seed()));
    Forest forest = new Forest(store, c.metric());
    QuantizedRows rows = new QuantizedRows(forest.items(), c.metric().dimension());
    Searcher plain = new Searcher(store, forest, c.metric(), () -> null, 0);
    Searcher quantized = new Searcher(store, forest, c.metric(), () -> rows, 0);
    // As if the collector took them.
    Searcher bereft =
        new Searcher(store, forest, c.metric(), () -> random.nextBoolean() ? rows : null, 0);
    float[][] queries = queries(c, vectors, random);
    for (int k : new int[] {1, 10}) {
      for (float[] query : queries) {
        plain.query().bind(query);
        quantized.query().bind(query);
        bereft.query().bind(query);
        Neighbors expected = plain.search(k, 100);
        BulkSearchTest.assertSame(expected, quantized.search(k, 100));
        BulkSearchTest.assertSame(expected, bereft.search(k, 100));
      }
    }
  }

  /** Some as the items are, and some of another kind. */
  private static float[][] queries(Case c, float[][] vectors, Random random) {
    float[][] queries = c.kind().rows(QUERIES, c.metric().dimension(), 0, random);
    queries[1] = vectors[vectors.length - 1];
    queries[2] = new float[c.metric().dimension()];
    queries[3] = Vectors.GAUSSIAN.rows(1, c.metric().dimension(), 0, random)[0];
    return queries;
  }

  @Property(tries = 500, seed = "2", edgeCases = EdgeCasesMode.NONE)
  void boundsHold(@ForAll("cases") Case c) {
    Random random = new Random(c.seed());
    float[][] vectors = c.vectors(random);
    Query query = c.metric().newQuery(MemoryIndex.items(c.metric(), vectors));
    QuantizedRows rows = new QuantizedRows(vectors.length, c.metric().dimension());
    int[] items =
        IntStream.range(0, vectors.length)
            .filter(i -> vectors[i] != null)
            .limit(query.capacity())
            .toArray();
    float[] distances = new float[items.length];
    float[] lower = new float[items.length];
    float[] upper = new float[items.length];
    for (float[] vector : queries(c, vectors, random)) {
      query.bind(vector);
      if (query.canBound()) {
        assertEquals(items.length, query.loadQuantized(rows, items, items.length));
        query.boundDistances(items.length, lower, upper);
        query.load(items, 0, items.length);
        query.measure(items.length, distances);
        for (int i = 0; i < items.length; i++) {
          String where = lower[i] + " <= " + distances[i] + " <= " + upper[i];
          assertFalse(lower[i] > distances[i], where);
          assertFalse(upper[i] < distances[i], where);
        }
      }
    }
  }

  /** Bounds that exclude nothing would hold, too. */
  @Example
  void boundsOfOrdinaryVectorsAreTight() {
    for (String name : METRICS) {
      Metric metric = Metric.of(name, 100, DotLayout.RELEASED);
      float[][] vectors = Vectors.GAUSSIAN.rows(160, 100, 0.3, new Random(1));
      Query query = metric.newQuery(MemoryIndex.items(metric, vectors));
      QuantizedRows rows = new QuantizedRows(vectors.length, 100);
      query.bind(Vectors.GAUSSIAN.rows(1, 100, 0, new Random(2))[0]);
      assertTrue(query.canBound());
      int[] items = IntStream.range(0, vectors.length).toArray();
      int found = query.loadQuantized(rows, items, items.length);
      assertEquals(
          IntStream.range(0, vectors.length).filter(i -> vectors[i] != null).count(), found);
      float[] lower = new float[found];
      float[] upper = new float[found];
      query.boundDistances(found, lower, upper);
      // Distances are about 2, 200, 110 and between -30 and 30.
      float widest =
          switch (name) {
            case "angular" -> 0.04f;
            case "dot" -> 2;
            default -> 8;
          };
      for (int i = 0; i < found; i++) {
        assertTrue(upper[i] - lower[i] < widest, name + ": " + lower[i] + " to " + upper[i]);
      }
    }
  }

  /** Where blocks of rows meet, and at the end. */
  @Example
  void rowsOfManyBlocksAreFound() {
    for (int dimension : new int[] {64, 115, 700}) {
      Metric metric = Metric.of("euclidean", dimension, DotLayout.RELEASED);
      float[][] vectors = Vectors.GAUSSIAN.rows(10_000, dimension, 0, new Random(1));
      Query query = metric.newQuery(MemoryIndex.items(metric, vectors));
      QuantizedRows rows = new QuantizedRows(vectors.length, dimension);
      int length = query.capacity();
      float[] distances = new float[length];
      float[] lower = new float[length];
      float[] upper = new float[length];
      query.bind(Vectors.GAUSSIAN.rows(1, dimension, 0, new Random(2))[0]);
      for (int round = 0; round < 2; round++) {
        for (int end = vectors.length; end >= length; end -= length) {
          int[] items = IntStream.range(end - length, end).toArray();
          assertEquals(length, query.loadQuantized(rows, items, length));
          query.boundDistances(length, lower, upper);
          query.load(items, 0, length);
          query.measure(length, distances);
          for (int i = 0; i < length; i++) {
            assertTrue(lower[i] <= distances[i] && distances[i] <= upper[i], "item " + items[i]);
          }
        }
      }
    }
  }

  /** Threads make and read the same rows at once. */
  @Example
  void manyThreadsShareTheRows() throws Exception {
    Metric metric = Metric.of("angular", 64, DotLayout.RELEASED);
    float[][] vectors = Vectors.GAUSSIAN.rows(3000, 64, 0, new Random(1));
    byte[] file = MemoryIndex.file(metric, vectors, 3, 1);
    NodeStore store = store(metric, file);
    Searcher plain = new Searcher(store, new Forest(store, metric), metric, () -> null, 0);
    Neighbors[] expected = new Neighbors[200];
    for (int i = 0; i < expected.length; i++) {
      plain.query().bind(vectors[i]);
      expected[i] = plain.search(10, 300);
    }
    AnnoyIndex index = MemoryIndex.open(metric, file);
    Arrays.stream(expected).forEach(index::toCallerDistances);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Neighbors[]>> tasks = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        tasks.add(
            () ->
                IntStream.range(0, expected.length)
                    .mapToObj(i -> index.nearestToVector(vectors[i], 10, 300))
                    .toArray(Neighbors[]::new));
      }
      for (Future<Neighbors[]> answers : threads.invokeAll(tasks)) {
        for (int i = 0; i < expected.length; i++) {
          BulkSearchTest.assertSame(expected[i], answers.get()[i]);
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static NodeStore store(Metric metric, byte[] file) {
    return new HeapNodeStore("memory", metric.layout(), file);
  }
}
