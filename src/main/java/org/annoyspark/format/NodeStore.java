package org.annoyspark.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * Nodes to read, by number. They stand in chunks of {@code 2^chunkShift} nodes, so that no node
 * straddles two buffers and files have no size limit. Immutable and safe for many threads. A node
 * outside {@code 0 .. nodeCount() - 1} throws {@link IndexOutOfBoundsException}.
 */
public abstract class NodeStore {

  private static final int CACHE_LINE_INTS = 64 / Integer.BYTES;

  private final String name;
  private final NodeLayout layout;
  private final int nodeCount;
  private final int chunkShift;
  private final int nodeInts;
  private final IntBuffer[] ints;
  private final FloatBuffer[] floats;
  private final LongBuffer[] longs;

  /**
   * @param name what errors call it: a file name
   * @param chunks each of {@code 2^chunkShift} nodes, but for the last, which may have fewer
   */
  NodeStore(String name, NodeLayout layout, ByteBuffer[] chunks, int chunkShift) {
    this.name = name;
    this.layout = layout;
    this.chunkShift = chunkShift;
    this.nodeInts = layout.nodeBytes() / Integer.BYTES;
    this.ints = new IntBuffer[chunks.length];
    this.floats = new FloatBuffer[chunks.length];
    this.longs = new LongBuffer[chunks.length];
    long nodes = 0;
    for (int i = 0; i < chunks.length; i++) {
      ByteBuffer chunk = chunks[i].order(ByteOrder.LITTLE_ENDIAN);
      ints[i] = chunk.asIntBuffer();
      floats[i] = chunk.asFloatBuffer();
      longs[i] = chunk.asLongBuffer();
      nodes += chunk.capacity() / layout.nodeBytes();
    }
    this.nodeCount = Math.toIntExact(nodes);
  }

  /** The number of nodes that a file of that length has. */
  static int nodeCount(String name, NodeLayout layout, long lengthBytes) {
    checkLength(name, layout, lengthBytes);
    return (int) (lengthBytes / layout.nodeBytes());
  }

  /**
   * @param name what errors call the file
   * @throws CorruptIndexException if no file of that length consists of such nodes
   */
  public static void checkLength(String name, NodeLayout layout, long lengthBytes) {
    if (lengthBytes == 0) {
      throw new CorruptIndexException(name, "length in bytes", "at least one node", 0);
    }
    if (lengthBytes % layout.nodeBytes() != 0) {
      throw new CorruptIndexException(
          name,
          "length in bytes",
          "a multiple of the node size " + layout.nodeBytes(),
          lengthBytes
              + " (remainder "
              + lengthBytes % layout.nodeBytes()
              + "); the metric or the dimension is another, or the file is truncated");
    }
    long nodes = lengthBytes / layout.nodeBytes();
    if (nodes > Integer.MAX_VALUE) {
      throw new CorruptIndexException(name, "nodes", "at most " + Integer.MAX_VALUE, nodes);
    }
  }

  /** The largest chunk, as a power of two nodes, that stays within {@code bytes}. */
  static int chunkShift(NodeLayout layout, long bytes) {
    return 63 - Long.numberOfLeadingZeros(Math.max(1, bytes / layout.nodeBytes()));
  }

  public final String name() {
    return name;
  }

  public final NodeLayout layout() {
    return layout;
  }

  public final int nodeCount() {
    return nodeCount;
  }

  /** Annoy's {@code n_descendants}: how many items stand below, 1 for an item, 0 for a hole. */
  public final int descendants(int node) {
    return readInt(node, NodeLayout.DESCENDANTS_OFFSET_BYTES);
  }

  /** A child of a split ({@code side} 0 or 1), or an item id of a bucket. */
  public final int child(int node, int side) {
    return readInt(node, layout.childOffsetBytes(side));
  }

  public final int readInt(int node, int offsetBytes) {
    return ints[chunk(node)].get(intIndex(node, offsetBytes));
  }

  public final float readFloat(int node, int offsetBytes) {
    return floats[chunk(node)].get(intIndex(node, offsetBytes));
  }

  public final void readInts(int node, int offsetBytes, int[] target, int from, int length) {
    ints[chunk(node)].get(intIndex(node, offsetBytes), target, from, length);
  }

  public final void readFloats(int node, int offsetBytes, float[] target, int from, int length) {
    floats[chunk(node)].get(intIndex(node, offsetBytes), target, from, length);
  }

  /** Reads 64-bit words; only for layouts whose node size is a multiple of 8 bytes. */
  public final void readLongs(int node, int offsetBytes, long[] target, int from, int length) {
    longs[chunk(node)].get(intIndex(node, offsetBytes) / 2, target, from, length);
  }

  /**
   * Reads a number of every 64 bytes of a node, which fetches it from memory: in a loop that does
   * nothing else, a processor waits for several nodes at once.
   *
   * @return the sum, to be kept somewhere, or the compiler drops the reads
   */
  public final int fetch(int node) {
    IntBuffer chunk = ints[chunk(node)];
    int first = intIndex(node, 0);
    int sum = 0;
    for (int i = 0; i < nodeInts; i += CACHE_LINE_INTS) {
      sum += chunk.get(first + i);
    }
    return sum;
  }

  private int chunk(int node) {
    return node >> chunkShift;
  }

  private int intIndex(int node, int offsetBytes) {
    int inChunk = node & ((1 << chunkShift) - 1);
    return inChunk * nodeInts + offsetBytes / Integer.BYTES;
  }
}
