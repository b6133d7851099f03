package org.annoyspark.format;

import java.nio.ByteBuffer;

/** Nodes in one array on the heap, for tests and for indexes made and used in memory. */
public final class HeapNodeStore extends NodeStore {

  /**
   * @param name what errors call it
   * @param bytes whole nodes; not copied
   */
  public HeapNodeStore(String name, NodeLayout layout, byte[] bytes) {
    this(name, layout, bytes, chunkShift(layout, Integer.MAX_VALUE));
  }

  HeapNodeStore(String name, NodeLayout layout, byte[] bytes, int chunkShift) {
    super(name, layout, chunks(name, layout, bytes, chunkShift), chunkShift);
  }

  private static ByteBuffer[] chunks(String name, NodeLayout layout, byte[] bytes, int chunkShift) {
    int nodes = nodeCount(name, layout, bytes.length);
    int chunkBytes = layout.nodeBytes() << chunkShift;
    ByteBuffer[] chunks = new ByteBuffer[((nodes - 1) >> chunkShift) + 1];
    for (int i = 0; i < chunks.length; i++) {
      int from = i * chunkBytes;
      chunks[i] = ByteBuffer.wrap(bytes, from, Math.min(chunkBytes, bytes.length - from)).slice();
    }
    return chunks;
  }
}
