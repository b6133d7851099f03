package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.format.TreeAssembly;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.api.Test;

/** A tree that is joined from subtrees has the bytes of one that was grown whole. */
class SubtreesTest {

  /**
   * @param gathered items beyond a bucket's that are gathered at once: with few, regions of one
   *     item are met above subtrees
   * @param cut items of a subtree
   * @param batch subtrees that are grown at once
   * @param threads of all that is not grown whole
   */
  record Case(
      Metric metric,
      Vectors kind,
      int rows,
      double holes,
      int gathered,
      int cut,
      int batch,
      int threads) {

    NodeStore items() {
      return MemoryIndex.items(
          metric, kind.rows(rows, metric.dimension(), holes, new Random(rows)));
    }

    ForestBuilder builder(NodeStore items, Workers workers) {
      int mostGatheredItems = metric.layout().bucketCapacity() + gathered;
      return new ForestBuilder(metric, items, 4, workers, mostGatheredItems);
    }
  }

  @Provide
  Arbitrary<Case> cases() {
    Arbitrary<Metric> metrics =
        Combinators.combine(
                Arbitraries.of(Metric.NAMES),
                Arbitraries.integers().between(1, 20),
                Arbitraries.of(DotLayout.class))
            .as(Metric::of);
    return Combinators.combine(
            metrics,
            Arbitraries.of(Vectors.class),
            Arbitraries.integers().between(1, 3000),
            Arbitraries.of(0.0, 0.3, 0.97),
            Arbitraries.of(0, 1, 20, 500),
            Arbitraries.of(1, 40, 200, 1000),
            Arbitraries.integers().between(1, 10),
            Arbitraries.integers().between(1, 3))
        .as(Case::new);
  }

  @Property(tries = 600, seed = "1", edgeCases = EdgeCasesMode.NONE)
  void neitherTheCutNorBatchesNorThreadsShow(@ForAll("cases") Case c) throws IOException {
    NodeStore items = c.items();
    byte[] whole = MemoryIndex.grow(c.builder(items, Workers.ONE), 3, 1).get(0);
    try (Workers workers = new Workers(c.threads())) {
      assertArrayEquals(whole, MemoryIndex.grow(c.builder(items, workers), 3, 1).get(0));
      assertArrayEquals(whole, join(c, items, 3, workers));
    }
  }

  /** Grows each batch with a builder of its own, as a task does. */
  private static byte[] join(Case c, NodeStore items, int tree, Workers workers)
      throws IOException {
    ByteArrayOutputStream splits = new ByteArrayOutputStream();
    List<int[]> itemsOf = new ArrayList<>();
    List<Subtree> subtrees =
        c.builder(items, workers)
            .divideTop(tree, c.cut())
            .write(
                MemoryIndex.into(splits),
                (order, from, to) -> itemsOf.add(Arrays.copyOfRange(order, from, to)));
    assertEquals(subtrees.size(), itemsOf.size());
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    TreeAssembly assembly =
        new TreeAssembly(
            c.metric().layout(),
            items.nodeCount(),
            subtrees.size(),
            new ByteArrayInputStream(splits.toByteArray()),
            joined);
    for (int from = 0; from < subtrees.size(); from += c.batch()) {
      int to = Math.min(from + c.batch(), subtrees.size());
      int[] share = itemsOf.subList(from, to).stream().flatMapToInt(Arrays::stream).toArray();
      ByteArrayOutputStream nodes = new ByteArrayOutputStream();
      List<DividedTree> divided =
          c.builder(items, workers).divideSubtrees(subtrees.subList(from, to), share);
      int[] roots = new int[divided.size()];
      for (int i = 0; i < roots.length; i++) {
        roots[i] = divided.get(i).write(MemoryIndex.into(nodes));
      }
      assembly.append(new ByteArrayInputStream(nodes.toByteArray()), roots);
    }
    assertEquals(joined.size(), c.metric().layout().byteOffset(assembly.nodes()));
    return joined.toByteArray();
  }

  /** So that the property is about something. */
  @Test
  void aTopHasAsManySubtreesAsItsCutAsksFor() throws IOException {
    Metric metric = Metric.of("euclidean", 8, DotLayout.RELEASED);
    Case c = new Case(metric, Vectors.GAUSSIAN, 3000, 0, 20, 200, 1, 1);
    List<Subtree> subtrees =
        c.builder(c.items(), Workers.ONE)
            .divideTop(0, c.cut())
            .write(node -> {}, (order, from, to) -> {});
    assertTrue(subtrees.size() > 15 && subtrees.size() < 60, subtrees.size() + " subtrees");
    assertTrue(subtrees.stream().allMatch(subtree -> subtree.items() <= 200 && !subtree.isTree()));
    assertEquals(3000, subtrees.stream().mapToInt(Subtree::items).sum());
  }

  @Test
  void itemsOfOtherSubtreesAreRefused() {
    Metric metric = Metric.of("euclidean", 8, DotLayout.RELEASED);
    Case c = new Case(metric, Vectors.GAUSSIAN, 30, 0, 20, 200, 1, 1);
    List<Subtree> subtrees = List.of(new Subtree(1, 3, false), new Subtree(2, 4, false));
    ForestBuilder builder = c.builder(c.items(), Workers.ONE);
    assertEquals(
        "items of subtrees: expected 7, found 6",
        assertThrows(
                IllegalArgumentException.class, () -> builder.divideSubtrees(subtrees, new int[6]))
            .getMessage());
  }
}
