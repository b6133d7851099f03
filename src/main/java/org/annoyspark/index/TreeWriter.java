package org.annoyspark.index;

import java.io.IOException;

/** Writes a tree, or a subtree, from its regions. */
abstract class TreeWriter extends PostOrder {

  final TreeNodes nodes;

  private final TreeShape shape;
  private final Region top;
  private final boolean topIsRoot;

  /**
   * @param top the region of all that is written
   * @param topIsRoot whether that is a whole tree
   */
  TreeWriter(TreeShape shape, TreeNodes nodes, Region top, boolean topIsRoot) {
    this.shape = shape;
    this.nodes = nodes;
    this.top = top;
    this.topIsRoot = topIsRoot;
  }

  final boolean isRoot(Region region) {
    return topIsRoot && region == top;
  }

  final int descendants(Region region) {
    return shape.descendants(region.size(), isRoot(region));
  }

  @Override
  final int writeSplit(Region region, int child0, int child1) throws IOException {
    return nodes.appendSplit(descendants(region), region.split, child0, child1);
  }

  final int write() throws IOException {
    return write(top);
  }
}
