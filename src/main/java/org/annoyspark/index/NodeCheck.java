package org.annoyspark.index;

import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;

/** What a single node says of itself, held against its place in the file. */
final class NodeCheck {

  /** Enough to tell a wrong metric or dimension for sure; few enough to open a file at once. */
  private static final int SAMPLED_NODES = 1000;

  private final NodeStore store;
  private final Forest forest;
  private final Metric metric;
  private final NodeLayout layout;
  private final int items;
  private final int[] bucket;

  NodeCheck(NodeStore store, Forest forest, Metric metric) {
    this.store = store;
    this.forest = forest;
    this.metric = metric;
    this.layout = store.layout();
    this.items = forest.items();
    this.bucket = new int[layout.bucketCapacity()];
  }

  /**
   * Checks evenly spaced items, tree nodes and roots.
   *
   * @throws CorruptIndexException on the first fault
   */
  void checkSample() {
    checkSample(0, items);
    checkSample(items, store.nodeCount());
    checkSample(store.nodeCount() - forest.trees(), store.nodeCount());
  }

  private void checkSample(int from, int to) {
    int step = Math.max(1, (to - from) / SAMPLED_NODES);
    for (long node = from; node < to; node += step) {
      String fault = fault((int) node);
      if (fault != null) {
        throw new CorruptIndexException(
            store.name()
                + ": not a sound "
                + metric.name()
                + " index of dimension "
                + metric.dimension()
                + ": node "
                + node
                + ": "
                + fault
                + "; the metric or the dimension is another, or the file is damaged");
      }
    }
  }

  /** What is wrong with a node, or null. */
  String fault(int node) {
    int descendants = store.descendants(node);
    if (node < items) {
      return itemFault(node, descendants);
    }
    if (descendants < 1 || descendants > items) {
      return expected("n_descendants", "1 to " + items, descendants);
    }
    if (descendants <= layout.bucketCapacity()) {
      return bucketFault(node, descendants);
    }
    return splitFault(node, descendants);
  }

  private String itemFault(int node, int descendants) {
    if (descendants == 0) {
      return null;
    }
    return descendants == 1
        ? metric.itemFault(store, node)
        : expected("n_descendants of an item", "0 or 1", descendants);
  }

  private String bucketFault(int node, int descendants) {
    store.readInts(node, layout.childOffsetBytes(0), bucket, 0, descendants);
    for (int i = 0; i < descendants; i++) {
      if (bucket[i] < 0 || bucket[i] >= items) {
        return expected("item id " + i + " of the bucket", "0 to " + (items - 1), bucket[i]);
      }
    }
    return null;
  }

  private String splitFault(int node, int descendants) {
    long below = 0;
    for (int side = 0; side <= 1; side++) {
      int child = store.child(node, side);
      if (child < 0 || child >= node) {
        return expected("child " + side, "0 to " + (node - 1), child);
      }
      below += store.descendants(child);
    }
    // A root says n_items, holes included, whatever is below it.
    if (below != descendants && descendants != items) {
      return expected("n_descendants", "the children's " + below, descendants);
    }
    return metric.splitFault(store, node);
  }

  private static String expected(String what, Object expected, Object found) {
    return what + ": expected " + expected + ", found " + found;
  }
}
