package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.format.MappedNodeStore;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.storage.HostIndexCache;
import org.annoyspark.storage.StagedFile;
import org.apache.hadoop.conf.Configuration;

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

  /** Maps the items on this host, fetching them first if they are remote. */
  NodeStore open(NodeLayout layout, Configuration conf) throws IOException {
    HostIndexCache cache = new HostIndexCache(conf);
    List<HostIndexCache.Lease> leases = new ArrayList<>();
    try {
      for (StagedFile piece : pieces) {
        leases.add(cache.lease(piece));
      }
      List<Path> files = leases.stream().map(HostIndexCache.Lease::path).toList();
      NodeStore store = MappedNodeStore.openPieces(files, layout, pieceNodes, items);
      leases.forEach(lease -> lease.closeAfter(store));
      return store;
    } catch (IOException | RuntimeException e) {
      leases.forEach(HostIndexCache.Lease::close);
      throw e;
    }
  }
}
