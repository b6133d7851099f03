package org.annoyspark.format;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The final file as it follows from the staged pieces, without being anywhere yet: items as they
 * are, trees with their child ids shifted, then the roots again. Any range of its bytes can be
 * read, so that many tasks can write a part each.
 */
public final class MergedFile {

  private static final int BUFFER_BYTES = 1 << 20;

  private final MergePlan plan;
  private final int nodeBytes;
  private final List<Extent> extents = new ArrayList<>();

  /** A staged piece: whole nodes. */
  public interface Piece {

    /** Its bytes from {@code fromByte} on. */
    InputStream open(long fromByte) throws IOException;
  }

  /**
   * A run of nodes of the file that comes from one piece.
   *
   * @param firstNode the file's number of the first
   * @param pieceNode the piece's number of the first
   * @param childShift what to add to child ids that are no items
   */
  private record Extent(
      String name, Piece piece, long firstNode, long nodes, long pieceNode, int childShift) {

    long endNode() {
      return firstNode + nodes;
    }
  }

  /**
   * @param items pieces that together are the item nodes, in order
   * @param itemPieceNodes how many nodes all of them but the last have
   * @param trees a piece for each tree, staged as {@link MergePlan} says
   * @throws IllegalArgumentException if the plan is for other pieces
   */
  public MergedFile(
      MergePlan plan,
      List<? extends Piece> items,
      int itemPieceNodes,
      List<? extends Piece> trees) {
    this.plan = plan;
    this.nodeBytes = plan.layout().nodeBytes();
    require("item pieces", (plan.items() - 1) / itemPieceNodes + 1, items.size());
    require("tree pieces", plan.trees(), trees.size());
    long node = 0;
    for (Piece piece : items) {
      long nodes = Math.min(itemPieceNodes, plan.items() - node);
      extents.add(new Extent("items from " + node, piece, node, nodes, 0, 0));
      node += nodes;
    }
    for (int tree = 0; tree < plan.trees(); tree++) {
      int first = plan.firstNode(tree);
      int nodes = plan.rootNode(tree) + 1 - first;
      extents.add(
          new Extent("tree " + tree, trees.get(tree), first, nodes, 0, plan.childShift(tree)));
    }
    for (int tree = 0; tree < plan.trees(); tree++) {
      int root = plan.rootNode(tree) - plan.firstNode(tree);
      extents.add(
          new Extent(
              "root of tree " + tree,
              trees.get(tree),
              plan.rootCopyNode(tree),
              1,
              root,
              plan.childShift(tree)));
    }
  }

  private static void require(String what, int expected, int found) {
    if (expected != found) {
      throw new IllegalArgumentException(what + ": expected " + expected + ", found " + found);
    }
  }

  public long lengthBytes() {
    return plan.totalBytes();
  }

  /**
   * The file's bytes from {@code fromByte} to before {@code toByte}. Holds one buffer and one open
   * piece, whatever the length. {@code reset} goes back to where {@code mark} was called, at first
   * the start, as often as is wanted: a failed transfer can be repeated.
   */
  public InputStream open(long fromByte, long toByte) {
    Objects.checkFromToIndex(fromByte, toByte, lengthBytes());
    return new Range(fromByte, toByte);
  }

  private final class Range extends InputStream {

    private final long toByte;
    private long position;
    private long marked;

    private int extent;
    private InputStream piece;
    private final byte[] buffer = new byte[Math.max(1, BUFFER_BYTES / nodeBytes) * nodeBytes];
    private int bufferFrom;
    private int bufferTo;

    Range(long fromByte, long toByte) {
      this.toByte = toByte;
      this.position = fromByte;
      this.marked = fromByte;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (position >= toByte) {
        return -1;
      }
      if (bufferFrom == bufferTo) {
        fill();
      }
      int count = (int) Math.min(Math.min(length, bufferTo - bufferFrom), toByte - position);
      System.arraycopy(buffer, bufferFrom, target, offset, count);
      bufferFrom += count;
      position += count;
      return count;
    }

    /** Reads the next whole nodes, from the one that {@link #position} is in. */
    private void fill() throws IOException {
      long node = position / nodeBytes;
      Extent from = seek(node);
      long left = Math.min(from.endNode(), (toByte - 1) / nodeBytes + 1) - node;
      int wanted = (int) Math.min(buffer.length, left * nodeBytes);
      int read = piece.readNBytes(buffer, 0, wanted);
      if (read != wanted) {
        throw new EOFException(
            from.name()
                + ": expected "
                + wanted
                + " bytes from node "
                + (node - from.firstNode() + from.pieceNode())
                + " on, found "
                + read);
      }
      new NodeRelocator(plan.layout(), plan.items(), from.childShift()).relocate(buffer, 0, read);
      bufferFrom = (int) (position - node * nodeBytes);
      bufferTo = read;
    }

    /** Opens the piece of a node, unless it is open and the node is its next. */
    private Extent seek(long node) throws IOException {
      Extent current = extents.get(extent);
      boolean isInside = node >= current.firstNode() && node < current.endNode();
      if (piece == null || !isInside) {
        close();
        while (node >= extents.get(extent).endNode()) {
          extent++;
        }
        current = extents.get(extent);
        piece =
            current.piece().open((node - current.firstNode() + current.pieceNode()) * nodeBytes);
      }
      return current;
    }

    @Override
    public boolean markSupported() {
      return true;
    }

    @Override
    public synchronized void mark(int readLimit) {
      marked = position;
    }

    @Override
    public synchronized void reset() throws IOException {
      close();
      position = marked;
      extent = 0;
      bufferFrom = 0;
      bufferTo = 0;
    }

    @Override
    public void close() throws IOException {
      if (piece != null) {
        piece.close();
        piece = null;
      }
    }
  }
}
