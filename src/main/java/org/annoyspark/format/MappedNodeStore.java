package org.annoyspark.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Nodes in memory-mapped files: see {@link MappedBytes} for how they are shared and unmapped. */
public final class MappedNodeStore extends NodeStore {

  private MappedNodeStore(String name, NodeLayout layout, ByteBuffer[] chunks, int chunkShift) {
    super(name, layout, chunks, chunkShift);
  }

  /**
   * Maps one file.
   *
   * @throws CorruptIndexException if its length is no positive multiple of the node size
   */
  public static MappedNodeStore open(Path file, NodeLayout layout) throws IOException {
    return open(file, layout, chunkShift(layout, 1L << MappedBytes.MOST_CHUNK_SHIFT));
  }

  static MappedNodeStore open(Path file, NodeLayout layout, int chunkShift) throws IOException {
    int nodes = nodeCount(file.toString(), layout, Files.size(file));
    long chunkBytes = layout.byteOffset(1L << chunkShift);
    ByteBuffer[] chunks = MappedBytes.map(file, layout.byteOffset(nodes), chunkBytes);
    return new MappedNodeStore(file.toString(), layout, chunks, chunkShift);
  }

  /**
   * Maps the consecutive pieces of one array of nodes: every piece but the last has {@code
   * pieceNodes} nodes.
   *
   * @param pieceNodes a power of two
   * @param nodes of all pieces together
   * @throws CorruptIndexException if a piece has another number of nodes
   * @throws IllegalArgumentException if that many nodes take another number of pieces
   */
  public static MappedNodeStore openPieces(
      List<Path> pieces, NodeLayout layout, int pieceNodes, int nodes) throws IOException {
    checkPieces(pieces.size(), pieceNodes, nodes);
    ByteBuffer[] chunks = new ByteBuffer[pieces.size()];
    for (int i = 0; i < chunks.length; i++) {
      Path piece = pieces.get(i);
      long expectedBytes = layout.byteOffset(Math.min(pieceNodes, nodes - (long) i * pieceNodes));
      long foundBytes = Files.size(piece);
      if (foundBytes != expectedBytes) {
        throw new CorruptIndexException(
            piece.toString(), "length in bytes", expectedBytes, foundBytes);
      }
      chunks[i] = MappedBytes.map(piece, expectedBytes, expectedBytes)[0];
    }
    return new MappedNodeStore(
        pieces.get(0).getParent().toString(),
        layout,
        chunks,
        Integer.numberOfTrailingZeros(pieceNodes));
  }

  private static void checkPieces(int pieces, int pieceNodes, int nodes) {
    if (Integer.bitCount(pieceNodes) != 1 || pieceNodes < 0) {
      throw new IllegalArgumentException(
          "nodes of a piece: expected a power of two, found " + pieceNodes);
    }
    int expected = (nodes - 1) / pieceNodes + 1;
    if (pieces != expected) {
      throw new IllegalArgumentException(
          "pieces of "
              + pieceNodes
              + " nodes: expected "
              + expected
              + " for "
              + nodes
              + " nodes, found "
              + pieces);
    }
  }
}
