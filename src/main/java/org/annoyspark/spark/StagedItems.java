package org.annoyspark.spark;

import java.io.Serializable;
import java.util.List;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.storage.StagedFile;

/**
 * The item nodes of a running build, in pieces of a power of two nodes, which a reader can map as
 * the chunks of one store.
 *
 * @param pieces in item order
 */
record StagedItems(int items, int pieceNodes, List<StagedFile> pieces) implements Serializable {

  /** Small enough for many tasks to share the writing, large enough for few files. */
  private static final int MOST_PIECE_BYTES = 16 << 20;

  /** How many nodes all pieces but the last have. */
  static int pieceNodes(NodeLayout layout) {
    return Integer.highestOneBit(Math.max(1, MOST_PIECE_BYTES / layout.nodeBytes()));
  }
}
