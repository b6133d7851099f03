package org.annoyspark.index;

import org.annoyspark.format.NodeLayout;

/** Annoy's rule for which nodes are leaves. */
record TreeShape(int items, int bucketCapacity) {

  TreeShape(NodeLayout layout, int items) {
    this(items, layout.bucketCapacity());
  }

  /** Whether a subtree is a bare item id with no node of its own. */
  boolean isSingleItem(int size, boolean isRoot) {
    return size == 1 && !isRoot;
  }

  /** Whether that many items go into one bucket; a root also counts the holes. */
  boolean isBucket(int size, boolean isRoot) {
    return size <= bucketCapacity && (!isRoot || items <= bucketCapacity || size == 1);
  }

  /** The {@code n_descendants} of a node: a root says all items, whatever is below it. */
  int descendants(int size, boolean isRoot) {
    return isRoot ? items : size;
  }
}
