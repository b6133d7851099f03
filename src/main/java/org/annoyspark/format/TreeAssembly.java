package org.annoyspark.format;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Joins a tree from its top and its subtrees, which were staged apart: where each node comes to
 * stand, and what its links become.
 *
 * <p>A top is staged as a tree whose items are the subtrees: its splits are numbered from {@code
 * items} on, and a child id below is a subtree, 0 being the first that stands in the tree. A
 * subtree is staged as a tree is: see {@link MergePlan}. As everywhere in a file, a node follows
 * its descendants: the top's next split stands behind the first subtree after which all of its own
 * are there.
 */
public final class TreeAssembly {

  private static final int BUFFER_BYTES = 1 << 20;

  private final NodeLayout layout;
  private final int items;
  private final InputStream top;
  private final OutputStream out;
  private final byte[] buffer;

  /** The number, in the tree, of each subtree's root that is there; or the item that it is. */
  private final int[] subtreeIds;

  /** The number, in the tree, of each split of the top that is there. */
  private final int[] splitIds;

  private final ByteBuffer nextSplit;
  private int subtrees;
  private int splits;
  private int nodes;

  /**
   * @param subtrees how many the tree has
   * @param top its staged splits: one less, for each has two children
   * @param out where the tree goes, numbered from {@code items} on
   * @throws EOFException if the top ends early
   */
  public TreeAssembly(NodeLayout layout, int items, int subtrees, InputStream top, OutputStream out)
      throws IOException {
    this.layout = layout;
    this.items = items;
    this.top = top;
    this.out = out;
    this.buffer = new byte[Math.max(1, BUFFER_BYTES / layout.nodeBytes()) * layout.nodeBytes()];
    this.subtreeIds = new int[subtrees];
    this.splitIds = new int[subtrees - 1];
    this.nextSplit = ByteBuffer.allocate(layout.nodeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    readSplit();
  }

  /**
   * Appends the next subtrees, and the splits that can follow.
   *
   * @param staged their nodes
   * @param roots the staged number of each one's root, its last node; or an item, if the subtree is
   *     nothing else
   * @throws EOFException if the nodes end early
   */
  public void append(InputStream staged, int[] roots) throws IOException {
    for (int root : roots) {
      int subtreeNodes = MergePlan.stagedNodes(items, root);
      subtreeIds[subtrees] = subtreeNodes == 0 ? root : Math.addExact(root, nodes);
      copyNodes(staged, subtreeNodes);
      subtrees++;
      while (splits < splitIds.length && isThere(0) && isThere(1)) {
        appendSplit();
        readSplit();
      }
    }
  }

  /**
   * Nodes of the tree, its root included.
   *
   * @throws IllegalStateException if it is not complete
   */
  public int nodes() {
    if (subtrees < subtreeIds.length || splits < splitIds.length) {
      throw new IllegalStateException(
          String.format(
              "tree: expected %d subtrees and %d splits above them, found %d and %d",
              subtreeIds.length, splitIds.length, subtrees, splits));
    }
    return nodes;
  }

  private void copyNodes(InputStream staged, int count) throws IOException {
    NodeRelocator relocator = new NodeRelocator(layout, items, nodes);
    for (long left = layout.byteOffset(count); left > 0; ) {
      int length = (int) Math.min(buffer.length, left);
      readFully("subtree " + subtrees, staged, buffer, length);
      relocator.relocate(buffer, 0, length);
      out.write(buffer, 0, length);
      left -= length;
    }
    nodes += count;
  }

  private int child(int side) {
    return nextSplit.getInt(layout.childOffsetBytes(side));
  }

  private boolean isThere(int side) {
    int child = child(side);
    return child < items ? child < subtrees : child - items < splits;
  }

  private void appendSplit() throws IOException {
    for (int side = 0; side < 2; side++) {
      int child = child(side);
      int id = child < items ? subtreeIds[child] : splitIds[child - items];
      nextSplit.putInt(layout.childOffsetBytes(side), id);
    }
    out.write(nextSplit.array(), 0, nextSplit.capacity());
    splitIds[splits++] = Math.addExact(items, nodes++);
  }

  private void readSplit() throws IOException {
    if (splits < splitIds.length) {
      readFully("split " + splits, top, nextSplit.array(), nextSplit.capacity());
    }
  }

  private static void readFully(String name, InputStream in, byte[] target, int length)
      throws IOException {
    int read = in.readNBytes(target, 0, length);
    if (read != length) {
      throw new EOFException(name + ": expected " + length + " bytes, found " + read);
    }
  }
}
