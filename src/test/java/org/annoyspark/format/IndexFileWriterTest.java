package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.annoyspark.format.IndexFileWriter.Piece;
import org.junit.jupiter.api.Test;

class IndexFileWriterTest {

  private static final NodeLayout LAYOUT = NodeLayout.angular(1);
  private static final int ITEMS = 10;

  /** A bucket of two items, a bucket of three, and a split that has the buckets below it. */
  private static final byte[] TREE =
      nodes(new int[] {2, 8, 9, 0}, new int[] {3, 0, 1, 2}, new int[] {10, 10, 11, 0});

  /** Its split has an item and a node below it. */
  private static final byte[] OTHER_TREE =
      nodes(new int[] {3, 4, 5, 6}, new int[] {4, 7, 10, 0}, new int[] {10, 11, 9, 0});

  private static final MergePlan PLAN = new MergePlan(LAYOUT, ITEMS, new int[] {3, 3});

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

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
    return () -> new ByteArrayInputStream(bytes);
  }

  private List<String> write(List<Piece> items, byte[]... trees) throws IOException {
    return new IndexFileWriter(PLAN, out, 50)
        .write(items, Arrays.stream(trees).map(IndexFileWriterTest::piece).toList());
  }

  private String messageFor(List<Piece> items, byte[]... trees) {
    return assertThrows(EOFException.class, () -> write(items, trees)).getMessage();
  }

  @Test
  void nodesAreMovedAndRootsCopied() throws IOException {
    List<String> checksums =
        write(List.of(piece(items(4)), piece(items(0)), piece(items(6))), TREE, OTHER_TREE);
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.write(items(ITEMS));
    expected.write(TREE);
    expected.write(
        nodes(
            new int[] {3, 4, 5, 6},
            new int[] {4, 7, 13, 0},
            new int[] {10, 14, 9, 0},
            new int[] {10, 10, 11, 0},
            new int[] {10, 14, 9, 0}));
    assertArrayEquals(expected.toByteArray(), out.toByteArray());
    assertEquals(PLAN.totalBytes(), out.size());
    ChunkChecksums sums = new ChunkChecksums(50);
    sums.update(out.toByteArray(), 0, out.size());
    assertEquals(sums.finish(), checksums);
  }

  @Test
  void anotherNumberOfItemsIsAnError() {
    assertEquals(
        "item pieces: expected 160 bytes, found 144",
        messageFor(List.of(piece(items(4)), piece(items(5))), TREE, OTHER_TREE));
    assertEquals(
        "item pieces: expected 160 bytes, found 176",
        messageFor(List.of(piece(items(11))), TREE, OTHER_TREE));
  }

  @Test
  void aTreeOfAnotherSizeIsAnError() {
    List<Piece> items = List.of(piece(items(ITEMS)));
    assertEquals(
        "tree 1: expected 48 bytes, found 32",
        messageFor(items, TREE, Arrays.copyOf(OTHER_TREE, 32)));
    assertEquals(
        "tree 0: expected 48 bytes, found 64",
        messageFor(items, Arrays.copyOf(TREE, 64), OTHER_TREE));
    assertEquals("tree 0: expected 48 bytes, found 0", messageFor(items, new byte[0], OTHER_TREE));
    assertEquals(
        "tree 1, whole nodes: expected 32 bytes, found 47",
        messageFor(items, TREE, Arrays.copyOf(OTHER_TREE, 47)));
  }

  @Test
  void anotherNumberOfTreesIsAnError() {
    List<Piece> items = List.of(piece(items(ITEMS)));
    assertEquals(
        "tree pieces: expected 2, found 1",
        assertThrows(IllegalArgumentException.class, () -> write(items, TREE)).getMessage());
  }

  /** A root of a lone item looks like a split, for it counts the holes. */
  @Test
  void theRootOfALoneItemStaysAsItIs() throws IOException {
    byte[] tree = nodes(new int[] {ITEMS, 9, 0, 0});
    MergePlan plan = new MergePlan(LAYOUT, ITEMS, new int[] {1, 1});
    new IndexFileWriter(plan, out, 50)
        .write(List.of(piece(items(ITEMS))), List.of(piece(tree), piece(tree)));
    byte[] found = Arrays.copyOfRange(out.toByteArray(), 160, out.size());
    byte[] expected =
        nodes(
            new int[] {10, 9, 0, 0}, new int[] {10, 9, 0, 0},
            new int[] {10, 9, 0, 0}, new int[] {10, 9, 0, 0});
    assertArrayEquals(expected, found);
  }
}
