package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedNodeStoreTest extends WholeStoreContract {

  @TempDir Path directory;

  @Override
  NodeStore open(byte[] bytes, int chunkShift) throws IOException {
    return MappedNodeStore.open(Files.write(file(), bytes), LAYOUT, chunkShift);
  }

  private Path file() {
    return directory.resolve("index.ann");
  }

  @Override
  String name() {
    return file().toString();
  }

  @Test
  void theChunksOfAPublishedFileHoldWholeNodes() {
    NodeLayout layout = NodeLayout.angular(100);
    int chunkShift = NodeStore.chunkShift(layout, 1L << 30);
    assertEquals(21, chunkShift);
    assertEquals(0, NodeStore.chunkShift(layout, 1));
  }
}
