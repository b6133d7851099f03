package org.annoyspark.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.KeyedRandom;
import org.annoyspark.metric.Metric;

/**
 * Grows trees over items, by Annoy's algorithm (docs/annoy-format.md, "Growing a tree") with two
 * changes for speed: regions above {@link #mostGatheredItems} are divided in passes shared by all
 * trees, and there a split's balance is judged by its sample. Random draws follow from (seed, tree,
 * path of the node) alone, so neither the grouping of trees, nor where a tree is cut into subtrees,
 * nor threads change a byte.
 *
 * <p>Not safe for many threads, but uses those that it is given; several builders may share a
 * store. Needs {@link #bytesPerTree} for each tree of one call, 5 bytes more for each item of a
 * region while chance divides it, and for each thread up to 64 MiB of gathered rows and, where
 * there are several, the nodes of some subtrees.
 */
public final class ForestBuilder {

  /** Part of what a tree looks like, and so a constant: never from the machine. */
  private static final int MOST_GATHERED_ITEMS = 16_384;

  private static final int MOST_GATHERED_FLOATS = 1 << 24;

  private final Metric metric;
  private final NodeStore store;
  private final long seed;
  private final Workers workers;
  private final int mostGatheredItems;
  private final TreeShape shape;

  /**
   * @param store all item nodes, holes included, and nothing else
   * @param seed another seed, another forest
   * @param workers how many threads there are changes no byte
   */
  public ForestBuilder(Metric metric, NodeStore store, long seed, Workers workers) {
    this(metric, store, seed, workers, mostGatheredItems(metric));
  }

  ForestBuilder(Metric metric, NodeStore store, long seed, Workers workers, int mostGatheredItems) {
    this.metric = metric;
    this.store = store;
    this.seed = seed;
    this.workers = workers;
    this.mostGatheredItems = mostGatheredItems;
    this.shape = new TreeShape(metric.layout(), store.nodeCount());
  }

  /** The size of subtrees that are always grown as one. */
  public static int mostGatheredItems(Metric metric) {
    return Math.max(
        metric.layout().bucketCapacity(),
        Math.min(MOST_GATHERED_ITEMS, MOST_GATHERED_FLOATS / metric.dimension()));
  }

  /**
   * What a tree takes in memory, roughly, until it is written: 8 bytes for each item, and the
   * normals of its upper levels, which in no dimension are more than 8 bytes for each item in
   * balanced trees.
   */
  public static long bytesPerTree(Metric metric, int items) {
    long splits = 2L * items / mostGatheredItems(metric);
    return 2L * Integer.BYTES * items + splits * metric.dimension() * Float.BYTES;
  }

  /**
   * Divides the large regions of the trees {@code firstTree .. firstTree + count - 1}.
   *
   * @throws IllegalArgumentException if the store has nothing but holes
   */
  public List<DividedTree> divide(int firstTree, int count) {
    int[] present = presentItems();
    UpperLevels upperLevels = upperLevels(mostGatheredItems);
    List<DividedTree.Top> tops = new ArrayList<>();
    for (int tree = firstTree; tree < firstTree + count; tree++) {
      Region root = root(tree, present.length);
      int[] order = tree == firstTree ? present : present.clone();
      upperLevels.add(List.of(root), order);
      tops.add(new DividedTree.Top(root, order, true));
    }
    upperLevels.divide();
    return divided(tops, present.length);
  }

  /**
   * Divides a tree into subtrees.
   *
   * @param mostItems a subtree's; {@link #mostGatheredItems} if that is more
   * @throws IllegalArgumentException if the store has nothing but holes
   */
  public TreeTop divideTop(int tree, int mostItems) {
    int[] order = presentItems();
    Region root = root(tree, order.length);
    UpperLevels upperLevels = upperLevels(Math.max(mostItems, mostGatheredItems));
    upperLevels.add(List.of(root), order);
    upperLevels.divide();
    return new TreeTop(root, order, metric.layout(), shape);
  }

  /**
   * Divides the large regions of subtrees of one tree.
   *
   * @param items of one subtree after another; rearranged
   * @throws IllegalArgumentException if these are not as many as the subtrees have
   */
  public List<DividedTree> divideSubtrees(List<Subtree> subtrees, int[] items) {
    int total = subtrees.stream().mapToInt(Subtree::items).sum();
    if (total != items.length) {
      throw new IllegalArgumentException(
          "items of subtrees: expected " + total + ", found " + items.length);
    }
    List<DividedTree.Top> tops = new ArrayList<>();
    int from = 0;
    for (Subtree subtree : subtrees) {
      Region region = new Region(from, from + subtree.items(), subtree.key());
      tops.add(new DividedTree.Top(region, items, subtree.isTree()));
      from = region.to;
    }
    UpperLevels upperLevels = upperLevels(mostGatheredItems);
    upperLevels.add(tops.stream().map(DividedTree.Top::region).toList(), items);
    upperLevels.divide();
    return divided(tops, items.length);
  }

  private Region root(int tree, int size) {
    return new Region(0, size, KeyedRandom.treeKey(seed, tree));
  }

  private UpperLevels upperLevels(int mostLeafItems) {
    return new UpperLevels(metric, store, mostLeafItems, workers);
  }

  private List<DividedTree> divided(List<DividedTree.Top> tops, int items) {
    Subtrees subtrees = subtrees(tops, Math.min(mostGatheredItems, items));
    return tops.stream()
        .map(top -> new DividedTree(top, metric.layout(), shape, subtrees))
        .toList();
  }

  private Subtrees subtrees(List<DividedTree.Top> tops, int mostItems) {
    if (workers.threads() == 1) {
      return newSubtreeBuilder(mostItems);
    }
    List<SubtreesAhead.Planned> planned = new ArrayList<>();
    tops.forEach(top -> top.addUndivided(planned));
    return new SubtreesAhead(
        workers,
        metric.layout(),
        shape.items(),
        planned.iterator(),
        () -> newSubtreeBuilder(mostItems));
  }

  private SubtreeBuilder newSubtreeBuilder(int mostItems) {
    return new SubtreeBuilder(metric, store, shape, mostItems);
  }

  private int[] presentItems() {
    int[] present = new int[store.nodeCount()];
    int count = 0;
    for (int item = 0; item < present.length; item++) {
      if (store.descendants(item) == 1) {
        present[count++] = item;
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          store.name() + ": items: expected at least one that is no hole, found none");
    }
    return Arrays.copyOf(present, count);
  }
}
