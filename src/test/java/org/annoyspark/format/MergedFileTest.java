package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.annoyspark.format.MergedFile.Piece;
import org.junit.jupiter.api.Test;

class MergedFileTest {

  private static final NodeLayout LAYOUT = NodeLayout.angular(1);
  private static final int ITEMS = 10;
  private static final int PIECE_NODES = 8;

  /** A bucket of two items, a bucket of three, and a split that has the buckets below it. */
  private static final byte[] TREE =
      nodes(new int[] {2, 8, 9, 0}, new int[] {3, 0, 1, 2}, new int[] {10, 10, 11, 0});

  /** Its split has an item and a node below it. */
  private static final byte[] OTHER_TREE =
      nodes(new int[] {3, 4, 5, 6}, new int[] {4, 7, 10, 0}, new int[] {10, 11, 9, 0});

  private static final MergePlan PLAN = new MergePlan(LAYOUT, ITEMS, new int[] {3, 3});

  private static byte[] nodes(int[]... nodes) {
    ByteBuffer buffer = ByteBuffer.allocate(nodes.length * LAYOUT.nodeBytes());
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    for (int[] node : nodes) {
      Arrays.stream(node).forEach(buffer::putInt);
    }
    return buffer.array();
  }

  private static byte[] items(int count) {
    byte[] bytes = new byte[count * LAYOUT.nodeBytes()];
    Arrays.fill(bytes, (byte) 0x7f);
    return bytes;
  }

  private static Piece piece(byte[] bytes) {
    return from -> {
      int start = (int) Math.min(from, bytes.length);
      return new ByteArrayInputStream(bytes, start, bytes.length - start);
    };
  }

  private static MergedFile file(List<Piece> items, byte[]... trees) {
    return new MergedFile(
        PLAN, items, PIECE_NODES, Arrays.stream(trees).map(MergedFileTest::piece).toList());
  }

  private static MergedFile file() {
    return file(List.of(piece(items(8)), piece(items(2))), TREE, OTHER_TREE);
  }

  private static byte[] read(MergedFile file, long from, long to) throws IOException {
    try (InputStream in = file.open(from, to)) {
      return in.readAllBytes();
    }
  }

  private static byte[] expectedFile() {
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.writeBytes(items(ITEMS));
    expected.writeBytes(TREE);
    expected.writeBytes(
        nodes(
            new int[] {3, 4, 5, 6},
            new int[] {4, 7, 13, 0},
            new int[] {10, 14, 9, 0},
            new int[] {10, 10, 11, 0},
            new int[] {10, 14, 9, 0}));
    return expected.toByteArray();
  }

  @Test
  void nodesAreMovedAndRootsCopied() throws IOException {
    assertEquals(PLAN.totalBytes(), file().lengthBytes());
    assertArrayEquals(expectedFile(), read(file(), 0, PLAN.totalBytes()));
  }

  @Test
  void anyRangeIsThatOfTheWholeFile() throws IOException {
    byte[] whole = expectedFile();
    for (int from = 0; from <= whole.length; from++) {
      for (int to = from; to <= whole.length; to++) {
        assertArrayEquals(Arrays.copyOfRange(whole, from, to), read(file(), from, to));
      }
    }
  }

  @Test
  void aRangeCanBeReadAgainFromItsMark() throws IOException {
    byte[] whole = expectedFile();
    try (InputStream in = file().open(5, whole.length - 7)) {
      in.readNBytes(100);
      in.reset();
      assertArrayEquals(Arrays.copyOfRange(whole, 5, whole.length - 7), in.readAllBytes());
      in.reset();
      in.readNBytes(20);
      in.mark(0);
      in.readNBytes(200);
      in.reset();
      assertArrayEquals(Arrays.copyOfRange(whole, 25, whole.length - 7), in.readAllBytes());
    }
  }

  @Test
  void aPieceThatEndsEarlyIsAnError() {
    List<Piece> items = List.of(piece(items(8)), piece(items(1)));
    assertEquals(
        "items from 8: expected 32 bytes from node 0 on, found 16", messageOf(items, OTHER_TREE));
    List<Piece> sound = List.of(piece(items(8)), piece(items(2)));
    assertEquals(
        "tree 1: expected 48 bytes from node 0 on, found 47",
        messageOf(sound, Arrays.copyOf(OTHER_TREE, 47)));
  }

  private static String messageOf(List<Piece> items, byte[] otherTree) {
    MergedFile file = file(items, TREE, otherTree);
    return assertThrows(EOFException.class, () -> read(file, 0, file.lengthBytes())).getMessage();
  }

  @Test
  void anotherNumberOfPiecesIsAnError() {
    List<Piece> items = List.of(piece(items(8)), piece(items(2)));
    assertEquals(
        "tree pieces: expected 2, found 1",
        assertThrows(IllegalArgumentException.class, () -> file(items, TREE)).getMessage());
    assertEquals(
        "item pieces: expected 2, found 1",
        assertThrows(
                IllegalArgumentException.class,
                () -> file(List.of(piece(items(8))), TREE, OTHER_TREE))
            .getMessage());
  }

  /** A root of a lone item looks like a split, for it counts the holes. */
  @Test
  void theRootOfALoneItemStaysAsItIs() throws IOException {
    byte[] tree = nodes(new int[] {ITEMS, 9, 0, 0});
    MergePlan plan = new MergePlan(LAYOUT, ITEMS, new int[] {1, 1});
    MergedFile file =
        new MergedFile(plan, List.of(piece(items(ITEMS))), 16, List.of(piece(tree), piece(tree)));
    byte[] expected =
        nodes(
            new int[] {10, 9, 0, 0}, new int[] {10, 9, 0, 0},
            new int[] {10, 9, 0, 0}, new int[] {10, 9, 0, 0});
    assertArrayEquals(expected, read(file, 160, file.lengthBytes()));
  }
}
