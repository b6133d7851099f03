package org.annoyspark.index;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.annoyspark.format.NodeLayout;

/**
 * A tree, or a subtree, whose large regions are divided already: what is left of its growth happens
 * while it is written. Those of one {@link ForestBuilder} call share scratch memory and threads:
 * one thread writes them, each once and in the order of their list.
 */
public final class DividedTree {

  private final Top top;
  private final NodeLayout layout;
  private final TreeShape shape;
  private final Subtrees subtrees;

  /**
   * Where it starts.
   *
   * @param order of which the region is a range
   * @param isTree whether it is a whole tree
   */
  record Top(Region region, int[] order, boolean isTree) {

    /** Adds the regions below that are not divided yet, in the order in which they are written. */
    void addUndivided(List<SubtreesAhead.Planned> planned) {
      for (Deque<Region> stack = new ArrayDeque<>(List.of(region)); !stack.isEmpty(); ) {
        Region next = stack.pop();
        if (next.split == null) {
          planned.add(new SubtreesAhead.Planned(next, order, isTree && next == region));
        } else {
          stack.push(next.children[1 - next.firstSide()]);
          stack.push(next.children[next.firstSide()]);
        }
      }
    }
  }

  DividedTree(Top top, NodeLayout layout, TreeShape shape, Subtrees subtrees) {
    this.top = top;
    this.layout = layout;
    this.shape = shape;
    this.subtrees = subtrees;
  }

  /**
   * Writes its nodes, numbered as if they were the first after the items.
   *
   * @return the number of the last, its root; or of the item, if it is one item without a node
   * @throws IOException if the sink fails
   * @throws IllegalStateException if, with several threads, it is not this tree's turn
   */
  public int write(NodeSink sink) throws IOException {
    TreeNodes nodes = new TreeNodes(layout, shape.items(), sink);
    return new TreeWriter(shape, nodes, top.region(), top.isTree()) {
      @Override
      int writeLeaf(Region region) throws IOException {
        return subtrees.write(region, top.order(), isRoot(region), nodes);
      }
    }.write();
  }
}
