package org.annoyspark.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeRelocator;
import org.annoyspark.metric.Split;

/**
 * Numbers and writes the nodes of one tree, as if it were the first of its file: from {@code items}
 * on.
 */
final class TreeNodes {

  private final NodeLayout layout;
  private final int items;
  private final NodeSink sink;
  private final ByteBuffer node;
  private int appended;

  TreeNodes(NodeLayout layout, int items, NodeSink sink) {
    this.layout = layout;
    this.items = items;
    this.sink = sink;
    this.node = ByteBuffer.allocate(layout.nodeBytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  int appended() {
    return appended;
  }

  /** Writes a bucket and returns its number. */
  int appendBucket(int descendants, int[] itemIds, int count) throws IOException {
    start(descendants);
    for (int i = 0; i < count; i++) {
      node.putInt(layout.childOffsetBytes(i), itemIds[i]);
    }
    return finish();
  }

  /** Writes a split and returns its number. */
  int appendSplit(int descendants, Split split, int child0, int child1) throws IOException {
    start(descendants);
    node.putInt(layout.childOffsetBytes(0), child0);
    node.putInt(layout.childOffsetBytes(1), child1);
    split.write(node);
    return finish();
  }

  /**
   * Writes a subtree that was numbered as if it were the first of its file.
   *
   * @param staged its nodes; changed
   * @param root the number of the last of them, or of the item that it is if there are none
   * @return the root's number here
   */
  int appendSubtree(byte[] staged, int root) throws IOException {
    int nodeBytes = layout.nodeBytes();
    new NodeRelocator(layout, items, appended).relocate(staged, 0, staged.length);
    int id = root;
    for (int at = 0; at < staged.length; at += nodeBytes) {
      System.arraycopy(staged, at, node.array(), 0, nodeBytes);
      id = finish();
    }
    return id;
  }

  /** The buffer is used for every node: what the last one left would get into the file. */
  private void start(int descendants) {
    Arrays.fill(node.array(), (byte) 0);
    node.putInt(NodeLayout.DESCENDANTS_OFFSET_BYTES, descendants);
  }

  private int finish() throws IOException {
    sink.append(node.rewind());
    return Math.addExact(items, appended++);
  }
}
