package org.annoyspark.index;

import java.io.IOException;
import java.util.Arrays;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.KeyedRandom;
import org.annoyspark.metric.Metric;

/**
 * Grows trees over items, by Annoy's algorithm (docs/annoy-format.md, "Growing a tree") with two
 * changes for speed: regions above {@link #mostGatheredItems} are divided in passes shared by all
 * trees, and there a split's balance is judged by its sample. Random draws follow from (seed, tree,
 * path of the node) alone, so neither the grouping of trees nor threads change a byte.
 *
 * <p>Not safe for many threads; several builders may share a store. Needs 8 bytes for each item and
 * tree in one call, and up to 64 MiB of gathered rows.
 */
public final class ForestBuilder {

  /** Part of what a tree looks like, and so a constant: never from the machine. */
  private static final int MOST_GATHERED_ITEMS = 16_384;

  private static final int MOST_GATHERED_FLOATS = 1 << 24;

  private final Metric metric;
  private final NodeStore store;
  private final long seed;
  private final int items;
  private final int mostGatheredItems;
  private final TreeShape shape;

  /** Where the trees of a forest go. */
  public interface Sinks {

    /** A sink for one tree; closed when the tree is complete, and also when it fails. */
    TreeSink open(int tree) throws IOException;
  }

  /** A sink that is closed after the root. */
  public interface TreeSink extends NodeSink, AutoCloseable {
    @Override
    void close() throws IOException;
  }

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
    this.items = store.nodeCount();
    this.mostGatheredItems = mostGatheredItems;
    this.shape = new TreeShape(metric.layout(), items);
  }

  private static int mostGatheredItems(Metric metric) {
    return Math.max(
        metric.layout().bucketCapacity(),
        Math.min(MOST_GATHERED_ITEMS, MOST_GATHERED_FLOATS / metric.dimension()));
  }

  /**
   * Grows the trees {@code firstTree .. firstTree + count - 1}.
   *
   * @return the number of nodes of each, its root included
   * @throws IOException if a sink fails
   * @throws IllegalArgumentException if the store has nothing but holes
   */
  public int[] grow(int firstTree, int count, Sinks sinks) throws IOException {
    int[] present = presentItems();
    Region[] roots = new Region[count];
    int[][] orders = new int[count][];
    for (int i = 0; i < count; i++) {
      roots[i] = new Region(0, present.length, KeyedRandom.treeKey(seed, firstTree + i));
      orders[i] = present.clone();
    }
    new UpperLevels(metric, store, mostGatheredItems).divide(roots, orders);
    int mostItems = Math.min(mostGatheredItems, present.length);
    SubtreeBuilder subtrees = new SubtreeBuilder(metric, store, shape, mostItems);
    int[] treeNodes = new int[count];
    for (int i = 0; i < count; i++) {
      try (TreeSink sink = sinks.open(firstTree + i)) {
        TreeNodes nodes = new TreeNodes(metric.layout(), items, sink);
        new Tree(roots[i], orders[i], subtrees, nodes).write(roots[i]);
        treeNodes[i] = nodes.appended();
      }
    }
    return treeNodes;
  }

  private int[] presentItems() {
    int[] present = new int[items];
    int count = 0;
    for (int item = 0; item < items; item++) {
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

  /** A tree whose large regions are divided already. */
  private final class Tree extends PostOrder {

    private final Region root;
    private final int[] order;
    private final SubtreeBuilder subtrees;
    private final TreeNodes nodes;

    Tree(Region root, int[] order, SubtreeBuilder subtrees, TreeNodes nodes) {
      this.root = root;
      this.order = order;
      this.subtrees = subtrees;
      this.nodes = nodes;
    }

    @Override
    int writeLeaf(Region region) throws IOException {
      return subtrees.write(region, order, region == root, nodes);
    }

    @Override
    int writeSplit(Region region, int child0, int child1) throws IOException {
      int descendants = shape.descendants(region.size(), region == root);
      return nodes.appendSplit(descendants, region.split, child0, child1);
    }
  }
}
