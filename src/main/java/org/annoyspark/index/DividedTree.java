package org.annoyspark.index;

import java.io.IOException;
import org.annoyspark.format.NodeLayout;

/**
 * A tree, or a subtree, whose large regions are divided already: what is left of its growth happens
 * while it is written. Those of one {@link ForestBuilder} call share scratch memory: one thread
 * writes them, one after another, each once.
 */
public final class DividedTree {

  private final Region top;
  private final int[] order;
  private final boolean isTree;
  private final NodeLayout layout;
  private final TreeShape shape;
  private final SubtreeBuilder subtrees;

  /**
   * @param order of which the region is a range
   * @param isTree whether it is a whole tree
   */
  DividedTree(
      Region top,
      int[] order,
      boolean isTree,
      NodeLayout layout,
      TreeShape shape,
      SubtreeBuilder subtrees) {
    this.top = top;
    this.order = order;
    this.isTree = isTree;
    this.layout = layout;
    this.shape = shape;
    this.subtrees = subtrees;
  }

  /**
   * Writes its nodes, numbered as if they were the first after the items.
   *
   * @return the number of the last, its root; or of the item, if it is one item without a node
   * @throws IOException if the sink fails
   */
  public int write(NodeSink sink) throws IOException {
    TreeNodes nodes = new TreeNodes(layout, shape.items(), sink);
    return new TreeWriter(shape, nodes, top, isTree) {
      @Override
      int writeLeaf(Region region) throws IOException {
        return subtrees.write(region, order, isRoot(region), nodes);
      }
    }.write();
  }
}
