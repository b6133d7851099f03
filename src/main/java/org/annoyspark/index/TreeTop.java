package org.annoyspark.index;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.format.NodeLayout;

/** A tree that is divided into subtrees, which others may grow. */
public final class TreeTop {

  private final Region root;
  private final int[] order;
  private final NodeLayout layout;
  private final TreeShape shape;

  /** Takes the items of one subtree after another. */
  public interface ItemSink {

    /** Takes the next: {@code items[from .. to - 1]}, ascending. */
    void append(int[] items, int from, int to) throws IOException;
  }

  TreeTop(Region root, int[] order, NodeLayout layout, TreeShape shape) {
    this.root = root;
    this.order = order;
    this.layout = layout;
    this.shape = shape;
  }

  /**
   * Writes it, as a tree whose items are the subtrees: see {@link
   * org.annoyspark.format.TreeAssembly}.
   *
   * @return the subtrees in that order
   * @throws IOException if a sink fails
   */
  public List<Subtree> write(NodeSink splits, ItemSink items) throws IOException {
    List<Subtree> subtrees = new ArrayList<>();
    TreeNodes nodes = new TreeNodes(layout, shape.items(), splits);
    new TreeWriter(shape, nodes, root, true) {
      @Override
      int writeLeaf(Region region) throws IOException {
        items.append(order, region.from, region.to);
        subtrees.add(new Subtree(region.key, region.size(), isRoot(region)));
        return subtrees.size() - 1;
      }
    }.write();
    return List.copyOf(subtrees);
  }
}
