package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One array of nodes in several files. */
class MappedPiecesTest extends NodeStoreContract {

  @TempDir Path directory;

  @Override
  NodeStore open(byte[] bytes, int chunkShift) throws IOException {
    int nodes = bytes.length / LAYOUT.nodeBytes();
    return MappedNodeStore.openPieces(write(bytes, chunkShift), LAYOUT, 1 << chunkShift, nodes);
  }

  private List<Path> write(byte[] bytes, int chunkShift) throws IOException {
    int pieceBytes = LAYOUT.nodeBytes() << chunkShift;
    List<Path> pieces = new ArrayList<>();
    for (int from = 0; from < bytes.length; from += pieceBytes) {
      byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(from + pieceBytes, bytes.length));
      pieces.add(Files.write(directory.resolve("piece-" + pieces.size()), piece));
    }
    return pieces;
  }

  @Test
  void aPieceOfAnotherSizeIsRefused() throws IOException {
    List<Path> pieces = write(bytes(5), 1);
    Files.write(pieces.get(1), bytes(1));
    assertEquals(
        pieces.get(1) + ": length in bytes: expected 64, found 32",
        assertThrows(
                CorruptIndexException.class, () -> MappedNodeStore.openPieces(pieces, LAYOUT, 2, 5))
            .getMessage());
  }

  @Test
  void aLastPieceThatIsTooLongIsRefused() throws IOException {
    List<Path> pieces = write(bytes(6), 1);
    assertEquals(
        pieces.get(2) + ": length in bytes: expected 32, found 64",
        assertThrows(
                CorruptIndexException.class, () -> MappedNodeStore.openPieces(pieces, LAYOUT, 2, 5))
            .getMessage());
  }

  @Test
  void anotherNumberOfPiecesIsRefused() throws IOException {
    List<Path> pieces = write(bytes(4), 1);
    for (int nodes : new int[] {2, 5}) {
      assertEquals(
          "pieces of 2 nodes: expected " + (nodes + 1) / 2 + " for " + nodes + " nodes, found 2",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> MappedNodeStore.openPieces(pieces, LAYOUT, 2, nodes))
              .getMessage());
    }
  }

  @Test
  void pieceSizesArePowersOfTwo() throws IOException {
    List<Path> pieces = write(bytes(4), 1);
    assertEquals(
        "nodes of a piece: expected a power of two, found 3",
        assertThrows(
                IllegalArgumentException.class,
                () -> MappedNodeStore.openPieces(pieces, LAYOUT, 3, 6))
            .getMessage());
  }
}
