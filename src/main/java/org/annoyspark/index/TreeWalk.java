package org.annoyspark.index;

import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Query;

/**
 * Which leaves of the trees a search looks at: the walk of docs/annoy-format.md, "Query". Links are
 * checked before they are followed, so a damaged file ends in a {@link CorruptIndexException}. Used
 * again and again by one thread.
 */
final class TreeWalk {

  private final NodeStore store;
  private final Forest forest;
  private final Query query;
  private final int bucketCapacity;
  private final LongHeap queue = new LongHeap(256);

  /** What is done with a leaf. */
  interface LeafVisitor {
    /**
     * @param node a bucket, to be read by {@link Forest#readLeaf}, or an item
     */
    void visit(int node);
  }

  /**
   * @param query bound to the vector of a walk before it starts
   */
  TreeWalk(NodeStore store, Forest forest, Query query) {
    this.store = store;
    this.forest = forest;
    this.query = query;
    this.bucketCapacity = store.layout().bucketCapacity();
  }

  /** Visits leaves, the most promising first, until they hold {@code searchK} items together. */
  void run(long searchK, LeafVisitor visitor) {
    queue.clear();
    for (int root : forest.searchRoots()) {
      queue.push(OrderedFloat.pack(query.rootPriority(), root));
    }
    long held = 0;
    int splits = 0;
    while (held < searchK && queue.size() > 0) {
      int node = OrderedFloat.low(queue.top());
      int descendants = store.descendants(node);
      if (descendants > bucketCapacity) {
        forest.checkEntered(++splits);
        enterSplit(node, OrderedFloat.high(queue.top()));
      } else {
        checkLeaf(node, descendants);
        queue.pop();
        visitor.visit(node);
        held += descendants;
      }
    }
  }

  /**
   * Where the vector is in one of the trees, without a look to the other side of any split.
   *
   * @throws CorruptIndexException if a node on the way is damaged, met by {@link #run} or not
   */
  int firstLeaf() {
    float priority = query.rootPriority();
    int node = forest.searchRoots()[0];
    while (store.descendants(node) > bucketCapacity) {
      float margin = query.margin(node);
      float priority0 = query.childPriority(priority, margin, 0);
      float priority1 = query.childPriority(priority, margin, 1);
      node = forest.child(node, priority1 > priority0 ? 1 : 0);
    }
    return node;
  }

  /** The nearer child, which often comes next, takes the place of the node at the top. */
  private void enterSplit(int node, float priority) {
    float margin = query.margin(node);
    long child0 =
        OrderedFloat.pack(query.childPriority(priority, margin, 0), forest.child(node, 0));
    long child1 =
        OrderedFloat.pack(query.childPriority(priority, margin, 1), forest.child(node, 1));
    queue.replaceTop(Math.max(child0, child1));
    queue.push(Math.min(child0, child1));
  }

  private void checkLeaf(int node, int descendants) {
    if (descendants < 0) {
      throw new CorruptIndexException(
          store.name() + ": node " + node, "n_descendants", "0 or more", descendants);
    }
  }
}
