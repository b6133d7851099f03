package org.annoyspark.index;

import java.util.Arrays;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeStore;

/**
 * Where the items end and the trees are rooted in an array of nodes, found as Annoy finds it on
 * load: docs/annoy-format.md, "Roots on load".
 */
final class Forest {

  private final NodeStore store;
  private final int items;
  private final int[] roots;

  /**
   * @throws CorruptIndexException if the last node can be no root
   */
  Forest(NodeStore store) {
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
          items + "; the metric or the dimension is another, or the file is truncated");
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
}
