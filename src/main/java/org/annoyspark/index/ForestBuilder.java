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
 * <p>Not safe for many threads; several builders may share a store. Needs 8 bytes for each item and
 * tree in one call, 5 more for each item of a region while chance divides it, and up to 64 MiB of
 * gathered rows.
 */
public final class ForestBuilder {

  /** Part of what a tree looks like, and so a constant: never from the machine. */
  private static final int MOST_GATHERED_ITEMS = 16_384;

  private static final int MOST_GATHERED_FLOATS = 1 << 24;

  private final Metric metric;
  private final NodeStore store;
  private final long seed;
  private final int mostGatheredItems;
  private final TreeShape shape;

  /**
   * @param store all item nodes, holes included, and nothing else
   * @param seed another seed, another forest
   */
  public ForestBuilder(Metric metric, NodeStore store, long seed) {
    this(metric, store, seed, mostGatheredItems(metric));
  }

  ForestBuilder(Metric metric, NodeStore store, long seed, int mostGatheredItems) {
    this.metric = metric;
    this.store = store;
    this.seed = seed;
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
   * Divides the large regions of the trees {@code firstTree .. firstTree + count - 1}.
   *
   * @throws IllegalArgumentException if the store has nothing but holes
   */
  public List<DividedTree> divide(int firstTree, int count) {
    int[] present = presentItems();
    UpperLevels upperLevels = new UpperLevels(metric, store, mostGatheredItems);
    SubtreeBuilder scratch = scratch(present.length);
    List<DividedTree> trees = new ArrayList<>();
    for (int tree = firstTree; tree < firstTree + count; tree++) {
      Region root = root(tree, present.length);
      int[] order = tree == firstTree ? present : present.clone();
      upperLevels.add(List.of(root), order);
      trees.add(new DividedTree(root, order, true, metric.layout(), shape, scratch));
    }
    upperLevels.divide();
    return trees;
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
    UpperLevels upperLevels =
        new UpperLevels(metric, store, Math.max(mostItems, mostGatheredItems));
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
    UpperLevels upperLevels = new UpperLevels(metric, store, mostGatheredItems);
    SubtreeBuilder scratch = scratch(items.length);
    List<Region> tops = new ArrayList<>();
    List<DividedTree> divided = new ArrayList<>();
    int from = 0;
    for (Subtree subtree : subtrees) {
      Region top = new Region(from, from + subtree.items(), subtree.key());
      tops.add(top);
      divided.add(new DividedTree(top, items, subtree.isTree(), metric.layout(), shape, scratch));
      from = top.to;
    }
    upperLevels.add(tops, items);
    upperLevels.divide();
    return divided;
  }

  private Region root(int tree, int size) {
    return new Region(0, size, KeyedRandom.treeKey(seed, tree));
  }

  private SubtreeBuilder scratch(int items) {
    return new SubtreeBuilder(metric, store, shape, Math.min(mostGatheredItems, items));
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
