package org.annoyspark.index;

import java.util.Arrays;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;

/**
 * Where the items end and the trees are rooted in an array of nodes, found as Annoy finds it on
 * load: docs/annoy-format.md, "Roots on load".
 */
final class Forest {

  private final NodeStore store;
  private final int items;
  private final int[] roots;

  /**
   * @param metric what the file is taken for, to name it in errors
   * @throws CorruptIndexException if the last node can be no root
   */
  Forest(NodeStore store, Metric metric) {
    this.store = store;
    int nodes = store.nodeCount();
    this.items = store.descendants(nodes - 1);
    if (items < 1 || items > nodes - 2) {
      throw new CorruptIndexException(
          store.name() + ": node " + (nodes - 1),
          "number of items in the last root",
          "1 to "
              + (nodes - 2)
              + " in a file of "
              + nodes
              + " nodes of "
              + store.layout().nodeBytes()
              + " bytes",
          items
              + "; the metric or the dimension is another than "
              + metric
              + ", or the file is truncated");
    }
    this.roots = findRoots();
  }

  private int[] findRoots() {
    int first = store.nodeCount() - 1;
    int node = first;
    while (node >= 0 && store.descendants(node) == items) {
      node--;
    }
    int last = node + 1;
    if (last < first && store.child(first, 0) == store.child(last, 0)) {
      last++;
    }
    int[] found = new int[first - last + 1];
    Arrays.setAll(found, i -> first - i);
    return found;
  }

  /** Item nodes, holes included. */
  int items() {
    return items;
  }

  /**
   * The roots that a search starts from. Where trees are no more than their root, Annoy takes a
   * root's original and its copy for two.
   */
  int[] searchRoots() {
    return roots;
  }

  /** How many trees were grown. */
  int trees() {
    int oneNodeTrees = (store.nodeCount() - items) / 2;
    boolean rootsAreWholeTrees =
        items <= store.layout().bucketCapacity() || roots.length > oneNodeTrees;
    return rootsAreWholeTrees ? oneNodeTrees : roots.length;
  }

  /** The copy of a tree's root at the end of the file. */
  int rootCopy(int tree) {
    return store.nodeCount() - trees() + tree;
  }

  /**
   * A child of a split. A node stands behind its descendants, so that no walk can go in a circle.
   *
   * @throws CorruptIndexException if the id is none of a node before this one
   */
  int child(int node, int side) {
    int child = store.child(node, side);
    if (child < 0 || child >= node) {
      throw new CorruptIndexException(
          store.name() + ": node " + node, "child " + side, "0 to " + (node - 1), child);
    }
    return child;
  }

  /**
   * The items of a leaf of a tree: a bucket, or an item itself.
   *
   * @param target takes as many as a bucket holds
   * @return how many there are
   * @throws CorruptIndexException if there are other ids in the bucket
   */
  int readLeaf(int node, int[] target) {
    int descendants = store.descendants(node);
    if (descendants == 1 && node < items) {
      target[0] = node;
      return 1;
    }
    store.readInts(node, store.layout().childOffsetBytes(0), target, 0, descendants);
    for (int i = 0; i < descendants; i++) {
      if (target[i] < 0 || target[i] >= items) {
        throw new CorruptIndexException(
            store.name() + ": node " + node,
            "item id " + i + " of the bucket",
            "0 to " + (items - 1),
            target[i]);
      }
    }
    return descendants;
  }

  /** Moves what is no item, but a hole, to the end; returns how many items are left. */
  int dropHoles(int[] ids, int length) {
    int kept = 0;
    for (int i = 0; i < length; i++) {
      int item = ids[i];
      if (store.descendants(item) == 1) {
        ids[i] = ids[kept];
        ids[kept++] = item;
      }
    }
    return kept;
  }

  /**
   * Checks how many splits a walk has entered. In a sound file each has one parent; where nodes are
   * shared, the ways through them can outnumber any bound.
   *
   * @throws CorruptIndexException if there are more than nodes
   */
  void checkEntered(int splits) {
    if (splits > store.nodeCount()) {
      throw new CorruptIndexException(
          store.name(), "splits entered", "each once, of " + store.nodeCount() + " nodes", splits);
    }
  }
}
