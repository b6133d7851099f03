package org.annoyspark.index;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the nodes of one tree, in file order. */
public interface NodeSink {

  /**
   * Takes the next node.
   *
   * @param node one little-endian node, from position 0 to its limit; reused by the caller
   */
  void append(ByteBuffer node) throws IOException;
}
