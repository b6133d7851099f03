package org.annoyspark.format;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Streams the pieces of an index into one file: items as they are, trees with their child ids
 * shifted, then the roots again. Holds one buffer, whatever the size of the file.
 */
public final class IndexFileWriter {

  private static final int BUFFER_BYTES = 1 << 20;

  private final MergePlan plan;
  private final OutputStream out;
  private final ChunkChecksums checksums;
  private final byte[] buffer;

  /** A piece that can be read from its start. */
  public interface Piece {
    InputStream open() throws IOException;
  }

  /**
   * @param out receives the file; not closed
   * @param checksumChunkBytes size of the chunks that are summed up
   */
  public IndexFileWriter(MergePlan plan, OutputStream out, int checksumChunkBytes) {
    this.plan = plan;
    this.out = out;
    this.checksums = new ChunkChecksums(checksumChunkBytes);
    int nodeBytes = plan.layout().nodeBytes();
    this.buffer = new byte[Math.max(1, BUFFER_BYTES / nodeBytes) * nodeBytes];
  }

  /**
   * Writes the whole file.
   *
   * @param items pieces that together are the item nodes, in order
   * @param trees a piece for each tree, staged as {@link MergePlan} says
   * @return the checksums of the file's chunks
   * @throws EOFException if a piece is shorter or longer than the plan says
   * @throws IllegalArgumentException if the plan is for another number of trees
   */
  public List<String> write(List<? extends Piece> items, List<? extends Piece> trees)
      throws IOException {
    if (trees.size() != plan.trees()) {
      throw new IllegalArgumentException(
          "tree pieces: expected " + plan.trees() + ", found " + trees.size());
    }
    long itemBytes = 0;
    for (Piece piece : items) {
      itemBytes += copyAll(piece);
    }
    require("item pieces", plan.layout().byteOffset(plan.items()), itemBytes);
    byte[] rootCopies = new byte[Math.multiplyExact(trees.size(), plan.layout().nodeBytes())];
    for (int tree = 0; tree < trees.size(); tree++) {
      copyTree(tree, trees.get(tree), rootCopies);
    }
    emit(rootCopies, rootCopies.length);
    return checksums.finish();
  }

  private long copyAll(Piece piece) throws IOException {
    long copied = 0;
    try (InputStream in = piece.open()) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        emit(buffer, read);
        copied += read;
      }
    }
    return copied;
  }

  private void copyTree(int tree, Piece piece, byte[] rootCopies) throws IOException {
    int nodeBytes = plan.layout().nodeBytes();
    NodeRelocator relocator = new NodeRelocator(plan.layout(), plan.items(), plan.childShift(tree));
    long expectedBytes = plan.layout().byteOffset(plan.rootNode(tree) + 1L - plan.firstNode(tree));
    long copied = 0;
    try (InputStream in = piece.open()) {
      for (int read = in.readNBytes(buffer, 0, buffer.length);
          read > 0;
          read = in.readNBytes(buffer, 0, buffer.length)) {
        require("tree " + tree + ", whole nodes", read - read % nodeBytes, read);
        relocator.relocate(buffer, 0, read);
        emit(buffer, read);
        copied += read;
        if (copied == expectedBytes) {
          System.arraycopy(buffer, read - nodeBytes, rootCopies, tree * nodeBytes, nodeBytes);
        }
      }
    }
    require("tree " + tree, expectedBytes, copied);
  }

  private static void require(String piece, long expectedBytes, long foundBytes)
      throws EOFException {
    if (foundBytes != expectedBytes) {
      throw new EOFException(piece + ": expected " + expectedBytes + " bytes, found " + foundBytes);
    }
  }

  private void emit(byte[] bytes, int length) throws IOException {
    checksums.update(bytes, 0, length);
    out.write(bytes, 0, length);
  }
}
