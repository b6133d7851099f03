package org.annoyspark.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Moves staged tree nodes to their place in the file by shifting the child ids of splits. */
public final class NodeRelocator {

  private final NodeLayout layout;
  private final int items;
  private final int shift;

  /**
   * @param items item nodes; smaller ids are items and stay as they are
   * @param shift what to add to the others, see {@link MergePlan#childShift}
   */
  public NodeRelocator(NodeLayout layout, int items, int shift) {
    this.layout = layout;
    this.items = items;
    this.shift = shift;
  }

  /** Shifts whole nodes in place. */
  public void relocate(byte[] nodes, int offset, int length) {
    ByteBuffer buffer = ByteBuffer.wrap(nodes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = offset; at < offset + length; at += layout.nodeBytes()) {
      int descendants = buffer.getInt(at + NodeLayout.DESCENDANTS_OFFSET_BYTES);
      if (descendants > layout.bucketCapacity()) {
        shiftChild(buffer, at + layout.childOffsetBytes(0));
        shiftChild(buffer, at + layout.childOffsetBytes(1));
      }
    }
  }

  private void shiftChild(ByteBuffer buffer, int at) {
    int child = buffer.getInt(at);
    if (child >= items) {
      buffer.putInt(at, child + shift);
    }
  }
}
