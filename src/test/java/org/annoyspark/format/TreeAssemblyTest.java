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
import org.junit.jupiter.api.Test;

class TreeAssemblyTest {

  private static final NodeLayout LAYOUT = NodeLayout.angular(1);
  private static final int ITEMS = 10;

  /** A split over the subtrees 1 and 2, then the root over the subtree 0 and that split. */
  private static final byte[] TOP = nodes(new int[] {7, 1, 2, 0}, new int[] {10, 0, 10, 0});

  private static final byte[] SUBTREE_0 = nodes(new int[] {2, 5, 6, 0});

  /** A split over a bucket and an item. */
  private static final byte[] SUBTREE_2 = nodes(new int[] {3, 1, 2, 3}, new int[] {4, 10, 9, 0});

  private static byte[] nodes(int[]... nodes) {
    ByteBuffer buffer = ByteBuffer.allocate(nodes.length * LAYOUT.nodeBytes());
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    for (int[] node : nodes) {
      Arrays.stream(node).forEach(buffer::putInt);
    }
    return buffer.array();
  }

  private static TreeAssembly assembly(int subtrees, byte[] top, ByteArrayOutputStream out)
      throws IOException {
    return new TreeAssembly(LAYOUT, ITEMS, subtrees, new ByteArrayInputStream(top), out);
  }

  private static void append(TreeAssembly assembly, byte[] nodes, int... roots) throws IOException {
    assembly.append(new ByteArrayInputStream(nodes), roots);
  }

  /** The subtree 1 is the item 4. */
  @Test
  void nodesFollowTheirDescendantsAndLinksFollowThem() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TreeAssembly assembly = assembly(3, TOP, out);
    append(assembly, SUBTREE_0, 10);
    append(assembly, SUBTREE_2, 4, 11);
    assertEquals(5, assembly.nodes());
    assertArrayEquals(
        nodes(
            new int[] {2, 5, 6, 0},
            new int[] {3, 1, 2, 3},
            new int[] {4, 11, 9, 0},
            new int[] {7, 4, 12, 0},
            new int[] {10, 10, 13, 0}),
        out.toByteArray());
  }

  @Test
  void aTreeThatIsOneSubtreeStaysAsItIs() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TreeAssembly assembly = assembly(1, new byte[0], out);
    append(assembly, SUBTREE_2, 11);
    assertEquals(2, assembly.nodes());
    assertArrayEquals(SUBTREE_2, out.toByteArray());
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TreeAssembly assembly = assembly(3, TOP, out);
    append(assembly, SUBTREE_0, 10);
    assertEquals(
        "tree: expected 3 subtrees and 2 splits above them, found 1 and 0",
        assertThrows(IllegalStateException.class, assembly::nodes).getMessage());
    assertEquals(
        "subtree 2: expected 32 bytes, found 31",
        assertThrows(
                EOFException.class, () -> append(assembly, Arrays.copyOf(SUBTREE_2, 31), 4, 11))
            .getMessage());
    TreeAssembly cut = assembly(3, Arrays.copyOf(TOP, 20), out);
    assertEquals(
        "split 1: expected 16 bytes, found 4",
        assertThrows(EOFException.class, () -> append(cut, SUBTREE_0, 4, 5, 10)).getMessage());
  }
}
