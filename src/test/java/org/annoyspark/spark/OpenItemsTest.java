package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.AnnoyConf;
import org.annoyspark.storage.FaultyFileSystem;
import org.annoyspark.storage.StagedFile;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks of one JVM share what they have mapped of the items. */
class OpenItemsTest {

  private static final NodeLayout LAYOUT = Metric.of("angular", 3, DotLayout.MAIN).layout();

  @TempDir Path directory;

  @Test
  void oneStoreServesAllTasksUntilTheItemsAreRemoved() throws IOException {
    Configuration conf = FaultyFileSystem.register(new Configuration());
    conf.set(AnnoyConf.CACHE_DIR, directory.resolve("cache").toString());
    NodeStore first = OpenItems.open(items(), LAYOUT, conf);
    // Each task has a description of its own.
    assertSame(first, OpenItems.open(items(), LAYOUT, conf));
    OpenItems.remove(items(), conf);
    assertEquals(List.of("locks"), TestSpark.names(cache()));
    assertEquals(0, first.descendants(1), "what is mapped stays");
    assertNotSame(first, OpenItems.open(items(), LAYOUT, conf));
    OpenItems.remove(items(), conf);
    assertEquals(List.of("locks"), TestSpark.names(cache()));
  }

  private Path cache() {
    return directory.resolve("cache/annoy-spark-cache-" + System.getProperty("user.name"));
  }

  /** Two nodes in two pieces. */
  private StagedItems items() throws IOException {
    return new StagedItems(2, 1, List.of(piece(0), piece(1)));
  }

  private StagedFile piece(int number) throws IOException {
    Path file = directory.resolve("items-" + number);
    Files.write(file, new byte[LAYOUT.nodeBytes()]);
    return new StagedFile("faulty:" + file, LAYOUT.nodeBytes(), 4096, List.of());
  }
}
