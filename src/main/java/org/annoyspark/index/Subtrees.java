package org.annoyspark.index;

import java.io.IOException;

/** Grows and writes what is below the regions that upper levels leave. */
interface Subtrees {

  /**
   * Writes the subtree of a region.
   *
   * @param order the tree's order of items, of which the region is a range
   * @return the number of the subtree's top node, or the item if there is only one
   */
  int write(Region region, int[] order, boolean isRoot, TreeNodes nodes) throws IOException;
}
