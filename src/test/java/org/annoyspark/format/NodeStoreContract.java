package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store does, whatever its chunks; small ones put each kind of seam in a small file. */
abstract class NodeStoreContract {

  private static final int NODES = 7;

  /** Its nodes are a multiple of 8 bytes, so that all kinds of reads make sense. */
  static final NodeLayout LAYOUT = NodeLayout.hamming(100);

  private static final int NODE_INTS = LAYOUT.nodeBytes() / Integer.BYTES;

  abstract NodeStore open(byte[] bytes, int chunkShift) throws IOException;

  /** Int number {@code i} of the file is {@code value(i)}. */
  private static int value(int i) {
    return i * 0x01030507 + 11;
  }

  static byte[] bytes(int nodes) {
    ByteBuffer buffer = ByteBuffer.allocate(nodes * LAYOUT.nodeBytes());
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; buffer.hasRemaining(); i++) {
      buffer.putInt(value(i));
    }
    return buffer.array();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 10})
  void readsEveryFieldOfEveryNode(int chunkShift) throws IOException {
    NodeStore store = open(bytes(NODES), chunkShift);
    assertEquals(NODES, store.nodeCount());
    assertEquals(LAYOUT, store.layout());
    for (int node = 0; node < NODES; node++) {
      int first = node * NODE_INTS;
      assertEquals(value(first), store.descendants(node));
      assertEquals(value(first + 1), store.child(node, 0));
      assertEquals(value(first + 2), store.child(node, 1));
      for (int i = 0; i < NODE_INTS; i++) {
        int offsetBytes = i * Integer.BYTES;
        assertEquals(value(first + i), store.readInt(node, offsetBytes));
        float asFloat = Float.intBitsToFloat(value(first + i));
        assertEquals(asFloat, store.readFloat(node, offsetBytes));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 10})
  void readsRunsIntoTheMiddleOfArrays(int chunkShift) throws IOException {
    NodeStore store = open(bytes(NODES), chunkShift);
    for (int node = 0; node < NODES; node++) {
      int first = node * NODE_INTS + 4;
      int[] ints = new int[6];
      store.readInts(node, 16, ints, 1, 4);
      int[] expected = {0, value(first), value(first + 1), value(first + 2), value(first + 3), 0};
      assertArrayEquals(expected, ints);
      float[] floats = new float[6];
      store.readFloats(node, 16, floats, 1, 4);
      long[] longs = new long[4];
      store.readLongs(node, 16, longs, 1, 2);
      for (int i = 0; i < 4; i++) {
        assertEquals(Float.intBitsToFloat(expected[i + 1]), floats[i + 1]);
        assertEquals(expected[i + 1], (int) (longs[1 + i / 2] >>> (i % 2 * 32)));
      }
      assertEquals(0, longs[0] | longs[3]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 10})
  void nodesOutsideThrow(int chunkShift) throws IOException {
    NodeStore store = open(bytes(NODES), chunkShift);
    for (int node : new int[] {-1, NODES, NODES + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      assertThrows(IndexOutOfBoundsException.class, () -> store.descendants(node));
      assertThrows(
          IndexOutOfBoundsException.class, () -> store.readFloats(node, 16, new float[4], 0, 4));
    }
  }

  @Test
  void oneNodeIsEnough() throws IOException {
    assertEquals(1, open(bytes(1), 2).nodeCount());
  }
}
