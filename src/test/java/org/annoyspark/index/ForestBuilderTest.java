package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.HeapNodeStore;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** The same bytes however the work is divided, and sound ones at the edges of the algorithm. */
class ForestBuilderTest {

  private static final int TREES = 6;
  static final List<String> METRICS = Metric.NAMES;

  private static Metric metric(String name, int dimension) {
    return Metric.of(name, dimension, DotLayout.RELEASED);
  }

  private static NodeStore items(Metric metric, int count) {
    float[][] vectors = Vectors.GAUSSIAN.rows(count, metric.dimension(), 0.1, new Random(7));
    return MemoryIndex.items(metric, vectors);
  }

  private static void assertSame(List<byte[]> expected, List<byte[]> found) {
    assertEquals(expected.size(), found.size());
    for (int tree = 0; tree < expected.size(); tree++) {
      assertArrayEquals(expected.get(tree), found.get(tree), "tree " + tree);
    }
  }

  private static AnnoyIndex assertSound(Metric metric, NodeStore items, List<byte[]> trees)
      throws IOException {
    AnnoyIndex index = MemoryIndex.open(metric, MemoryIndex.file(metric, items, trees));
    assertEquals(List.of(), IndexVerifier.verify(index, 10));
    assertEquals(trees.size(), index.trees());
    return index;
  }

  @ParameterizedTest
  @FieldSource("METRICS")
  void groupsOfTreesDoNotShow(String name) throws IOException {
    Metric metric = metric(name, 12);
    NodeStore items = items(metric, 3000);
    // Half the regions go through shared passes when so few rows may be gathered.
    for (int mostGatheredItems : new int[] {16_384, 100, metric.layout().bucketCapacity()}) {
      ForestBuilder builder = new ForestBuilder(metric, items, 9, Workers.ONE, mostGatheredItems);
      List<byte[]> together = MemoryIndex.grow(builder, 0, TREES);
      assertSound(metric, items, together);
      for (int group : new int[] {1, 2, 4}) {
        List<byte[]> grouped = new ArrayList<>();
        for (int first = 0; first < TREES; first += group) {
          int count = Math.min(group, TREES - first);
          grouped.addAll(
              MemoryIndex.grow(
                  new ForestBuilder(metric, items, 9, Workers.ONE, mostGatheredItems),
                  first,
                  count));
        }
        assertSame(together, grouped);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("METRICS")
  void threadsOfABuilderDoNotShow(String name) throws IOException {
    Metric metric = metric(name, 12);
    NodeStore items = items(metric, 3000);
    for (int mostGatheredItems : new int[] {16_384, 100, metric.layout().bucketCapacity()}) {
      ForestBuilder builder = new ForestBuilder(metric, items, 9, Workers.ONE, mostGatheredItems);
      List<byte[]> expected = MemoryIndex.grow(builder, 0, TREES);
      for (int threads : new int[] {2, 3, 7}) {
        try (Workers workers = new Workers(threads)) {
          assertSame(
              expected,
              MemoryIndex.grow(
                  new ForestBuilder(metric, items, 9, workers, mostGatheredItems), 0, TREES));
        }
      }
    }
  }

  @Test
  void threadsGrowTreesInTheOrderOfTheirList() throws IOException {
    Metric metric = metric("euclidean", 12);
    NodeStore items = items(metric, 3000);
    try (Workers workers = new Workers(2)) {
      List<DividedTree> trees = new ForestBuilder(metric, items, 9, workers, 100).divide(0, 2);
      assertEquals(
          "trees: expected to be written in the order of their list",
          assertThrows(IllegalStateException.class, () -> trees.get(1).write(node -> {}))
              .getMessage());
    }
  }

  @Test
  void buildersInThreadsDoNotShow() throws Exception {
    Metric metric = metric("angular", 12);
    NodeStore items = items(metric, 3000);
    List<byte[]> expected =
        MemoryIndex.grow(new ForestBuilder(metric, items, 9, Workers.ONE, 100), 0, TREES);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<List<byte[]>>> futures = new ArrayList<>();
      for (int i = 0; i < TREES; i++) {
        int tree = i;
        futures.add(
            threads.submit(
                () ->
                    MemoryIndex.grow(
                        new ForestBuilder(metric, items, 9, Workers.ONE, 100), tree, 1)));
      }
      List<byte[]> found = new ArrayList<>();
      for (Future<List<byte[]>> future : futures) {
        found.addAll(future.get());
      }
      assertSame(expected, found);
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @FieldSource("METRICS")
  void anotherSeedIsAnotherForest(String name) throws IOException {
    Metric metric = metric(name, 12);
    NodeStore items = items(metric, 300);
    List<byte[]> trees = MemoryIndex.grow(new ForestBuilder(metric, items, 9, Workers.ONE), 0, 2);
    assertFalse(Arrays.equals(trees.get(0), trees.get(1)));
    for (long seed : new long[] {0, 10, -9, 9L << 32}) {
      byte[] other =
          MemoryIndex.grow(new ForestBuilder(metric, items, seed, Workers.ONE), 0, 1).get(0);
      assertFalse(Arrays.equals(trees.get(0), other), "seed " + seed);
    }
  }

  /** Any larger than the sample or the block, and small regions besides. */
  @ParameterizedTest
  @EnumSource
  void sharedPassesDivideAnything(Vectors kind) throws IOException {
    for (String name : Metric.NAMES) {
      Metric metric = metric(name, 5);
      float[][] vectors = kind.rows(2500, 5, 0.2, new Random(8));
      NodeStore items = MemoryIndex.items(metric, vectors);
      ForestBuilder builder =
          new ForestBuilder(metric, items, 3, Workers.ONE, metric.layout().bucketCapacity() + 3);
      List<byte[]> trees = MemoryIndex.grow(builder, 0, 2);
      assertSound(metric, items, trees);
      assertSame(trees.subList(1, 2), MemoryIndex.grow(builder, 1, 1));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "K, 1", "K+1, 3"})
  void smallForestsHaveTheOriginalsShape(String count, int leastNodes) throws IOException {
    for (String name : Metric.NAMES) {
      Metric metric = metric(name, 40);
      int k = metric.layout().bucketCapacity();
      int rows =
          switch (count) {
            case "K" -> k;
            case "K+1" -> k + 1;
            default -> Integer.parseInt(count);
          };
      float[][] vectors = Vectors.GAUSSIAN.rows(rows, 40, 0, new Random(1));
      NodeStore items = MemoryIndex.items(metric, vectors);
      List<byte[]> trees = MemoryIndex.grow(new ForestBuilder(metric, items, 1, Workers.ONE), 0, 3);
      AnnoyIndex index = assertSound(metric, items, trees);
      boolean isOneNode = index.nodes() == rows + 6;
      assertEquals(leastNodes == 1, isOneNode, name);
      assertEquals(rows, index.nearestToItem(0, rows, Integer.MAX_VALUE).size());
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 5000", "2, 5000", "9, 5000", "1, 3", "3, 4"})
  void fewItemsWithLargeIds(int present, int items) throws IOException {
    for (String name : Metric.NAMES) {
      Metric metric = metric(name, 12);
      float[][] vectors = new float[items][];
      float[][] rows = Vectors.GAUSSIAN.rows(present, 12, 0, new Random(2));
      System.arraycopy(rows, 0, vectors, items - present, present);
      NodeStore store = MemoryIndex.items(metric, vectors);
      List<byte[]> trees = MemoryIndex.grow(new ForestBuilder(metric, store, 1, Workers.ONE), 0, 3);
      AnnoyIndex index = assertSound(metric, store, trees);
      Neighbors found = index.nearestToItem(items - 1, 10, Integer.MAX_VALUE);
      assertEquals(present, found.size(), name);
    }
  }

  @Test
  void aStoreOfHolesIsRefused() {
    Metric metric = metric("angular", 3);
    for (int count : new int[] {1, 100}) {
      byte[] zeros = new byte[count * metric.layout().nodeBytes()];
      NodeStore holes = new HeapNodeStore("holes", metric.layout(), zeros);
      assertEquals(
          "holes: items: expected at least one that is no hole, found none",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> MemoryIndex.grow(new ForestBuilder(metric, holes, 1, Workers.ONE), 0, 1))
              .getMessage());
    }
  }

  @ParameterizedTest
  @FieldSource("METRICS")
  void manyDuplicatesAndAFewOthers(String name) throws IOException {
    Metric metric = metric(name, 3);
    float[][] vectors = new float[20_010][];
    Arrays.fill(vectors, new float[] {1, 1, 0});
    for (int i = 0; i < 10; i++) {
      vectors[i * 2000] = new float[] {i, -1, i % 2};
    }
    assertSkewedForestIsSound(metric, vectors);
  }

  /** Each split can only cut off the few largest of what is left. */
  @ParameterizedTest
  @FieldSource("METRICS")
  void exponentialValuesOnALine(String name) throws IOException {
    Metric metric = metric(name, 1);
    float[][] vectors = new float[20_000][];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = new float[] {(float) Math.pow(1.004, i - 10_000)};
    }
    assertSkewedForestIsSound(metric, vectors);
  }

  private static void assertSkewedForestIsSound(Metric metric, float[][] vectors)
      throws IOException {
    NodeStore items = MemoryIndex.items(metric, vectors);
    for (int mostGatheredItems : new int[] {16_384, 50}) {
      ForestBuilder builder = new ForestBuilder(metric, items, 4, Workers.ONE, mostGatheredItems);
      AnnoyIndex index = assertSound(metric, items, MemoryIndex.grow(builder, 0, 2));
      assertEquals(20, index.nearestToItem(5, 20, -1).size());
    }
  }
}
