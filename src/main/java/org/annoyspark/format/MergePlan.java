package org.annoyspark.format;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Where everything stands in the final file, computed here and nowhere else.
 *
 * <p>A tree is staged as if it were the first: its nodes are numbered from {@code items()} on. In
 * the file it stands behind the trees before it, so each child id that is not an item grows by
 * {@link #childShift}. The root is a tree's last node; a copy of it, with the same children, goes
 * to the end of the file.
 */
public final class MergePlan {

  /** S3 takes no more. */
  private static final int MOST_PARTS = 10_000;

  private final NodeLayout layout;
  private final int items;
  private final int[] firstNodes;
  private final int totalNodes;

  /**
   * @param items item nodes, holes included
   * @param treeNodes nodes of each tree, its root included, its root's copy not
   * @throws IllegalArgumentException if the file would have more than 2^31 - 1 nodes
   */
  public MergePlan(NodeLayout layout, int items, int[] treeNodes) {
    this.layout = layout;
    this.items = items;
    this.firstNodes = new int[treeNodes.length + 1];
    long next = items;
    for (int tree = 0; tree < treeNodes.length; tree++) {
      firstNodes[tree] = checkNodes(next, items, treeNodes.length);
      next += treeNodes[tree];
    }
    firstNodes[treeNodes.length] = checkNodes(next, items, treeNodes.length);
    this.totalNodes = checkNodes(next + treeNodes.length, items, treeNodes.length);
  }

  /**
   * The plan that a file was written by, from the copies of its roots. A tree ends with its root,
   * and one child of a split stands right before it, unless both are items.
   *
   * @param where what errors call the file
   * @param rootCopies the last nodes of the file, one for each tree
   * @throws CorruptIndexException if these cannot be the roots of trees that fill the file
   */
  public static MergePlan ofFile(
      String where, NodeLayout layout, int items, int nodes, ByteBuffer rootCopies) {
    ByteBuffer copies = rootCopies.slice().order(ByteOrder.LITTLE_ENDIAN);
    int[] treeNodes = new int[copies.remaining() / layout.nodeBytes()];
    int firstRootCopy = nodes - treeNodes.length;
    int next = items;
    for (int tree = 0; tree < treeNodes.length; tree++) {
      int root = rootNode(layout, items, next, copies, tree * layout.nodeBytes());
      if (root < next || root >= firstRootCopy) {
        throw new CorruptIndexException(
            where,
            "root of tree " + tree,
            "a node of " + next + " to " + (firstRootCopy - 1),
            root);
      }
      treeNodes[tree] = root - next + 1;
      next = root + 1;
    }
    if (next != firstRootCopy) {
      throw new CorruptIndexException(where, "end of the last tree", "node " + firstRootCopy, next);
    }
    return new MergePlan(layout, items, treeNodes);
  }

  private static int rootNode(
      NodeLayout layout, int items, int firstNode, ByteBuffer copies, int at) {
    int lastChild = -1;
    if (copies.getInt(at + NodeLayout.DESCENDANTS_OFFSET_BYTES) > layout.bucketCapacity()) {
      int child0 = copies.getInt(at + layout.childOffsetBytes(0));
      int child1 = copies.getInt(at + layout.childOffsetBytes(1));
      lastChild = Math.max(child0, child1);
    }
    return lastChild < items ? firstNode : lastChild + 1;
  }

  /**
   * Checks, before any work, that a forest can fit.
   *
   * @param items item nodes, holes included
   * @throws IllegalArgumentException if even the smallest such forest has more than 2^31 - 1 nodes
   */
  public static void checkFits(NodeLayout layout, long items, long presentItems, int trees) {
    checkFits(layout, items, presentItems, items, 0, trees);
  }

  /**
   * The same for trees that are added to those of files.
   *
   * @param fileNodes nodes of the files in all, those of the items counted once
   * @param fileTrees trees of the files in all
   */
  public static void checkFits(
      NodeLayout layout, long items, long presentItems, long fileNodes, long fileTrees, int trees) {
    // Rounded down: an item that is left over needs no bucket.
    long buckets = Math.max(1, presentItems / layout.bucketCapacity());
    long smallestTreeAndRootCopy = 2 * buckets;
    checkNodes(fileNodes + smallestTreeAndRootCopy * trees, items, fileTrees + trees);
  }

  /**
   * The same for as many trees as it takes to have twice as many nodes as items.
   *
   * @throws IllegalArgumentException if that is more than 2^31 - 1 nodes
   */
  public static void checkFitsTwice(long items) {
    checkNodes(2 * items + 1, items, 1);
  }

  private static int checkNodes(long nodes, long items, long trees) {
    if (nodes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "too many nodes: an Annoy file holds at most "
              + Integer.MAX_VALUE
              + ", but "
              + items
              + " items and "
              + trees
              + " trees need at least "
              + nodes
              + "; use fewer trees, or several indexes");
    }
    return (int) nodes;
  }

  public NodeLayout layout() {
    return layout;
  }

  public int items() {
    return items;
  }

  public int trees() {
    return firstNodes.length - 1;
  }

  public int totalNodes() {
    return totalNodes;
  }

  public long totalBytes() {
    return layout.byteOffset(totalNodes);
  }

  /** The file's number for the tree's first node. */
  public int firstNode(int tree) {
    return firstNodes[tree];
  }

  /** The file's number for the tree's own root. */
  public int rootNode(int tree) {
    return firstNodes[tree + 1] - 1;
  }

  /** The file's number for the copy of the tree's root. */
  public int rootCopyNode(int tree) {
    return firstNodes[trees()] + tree;
  }

  /**
   * A range of the file's bytes that one task writes.
   *
   * @param number from 1 on, as object stores count
   */
  public record Part(int number, long fromByte, long toByte, boolean isLast)
      implements Serializable {

    public long lengthBytes() {
      return toByte - fromByte;
    }
  }

  /**
   * Cuts the file into parts for an upload. All but the last are of one size, a multiple of {@code
   * unitBytes}: at least {@code wantedBytes}, and more if there would be too many parts. One part
   * if the file has fewer bytes.
   *
   * @param unitBytes what a part must not cut through: the chunks that checksums are about
   */
  public List<Part> parts(long wantedBytes, int unitBytes) {
    // No more than the file has, or rounding up could overflow.
    long wanted = Math.min(wantedBytes, totalBytes());
    long bytes = Math.max(wanted, (totalBytes() - 1) / MOST_PARTS + 1);
    long partBytes = ((bytes - 1) / unitBytes + 1) * unitBytes;
    List<Part> parts = new ArrayList<>();
    for (long from = 0; from < totalBytes(); from += partBytes) {
      long to = Math.min(from + partBytes, totalBytes());
      parts.add(new Part(parts.size() + 1, from, to, to == totalBytes()));
    }
    return parts;
  }

  /**
   * Nodes of a staged tree, or subtree, whose root has that number; none if it is an item and
   * nothing else.
   */
  public static int stagedNodes(int items, int root) {
    return root < items ? 0 : root - items + 1;
  }

  /** What to add to a staged child id that is no item. */
  public int childShift(int tree) {
    return firstNodes[tree] - items;
  }
}
