package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.annoyspark.index.TreeCount;
import org.annoyspark.storage.AnnoyConf;
import org.annoyspark.storage.FaultyFileSystem;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a build with remote staging does with its items on the hosts that grow trees. */
class StagedItemsOnHostsTest {

  private static final int DIMENSION = 1000;

  /** One more than a piece has. */
  private static final int ITEMS = 4097;

  @TempDir Path directory;

  @Test
  void aHostFetchesEachPieceOnceAndKeepsNone() throws IOException {
    SparkSession session = TestSpark.session().newSession();
    FaultyFileSystem.register(new Configuration(false))
        .forEach(setting -> session.conf().set(setting.getKey(), setting.getValue()));
    session.conf().set(AnnoyConf.CACHE_DIR, directory.resolve("cache").toString());
    var rows = TestSpark.items(TestSpark.numbers(ITEMS), TestSpark.vectors(ITEMS, DIMENSION, 1));
    FaultyFileSystem.OPENED_NAMES.clear();
    new IndexBuild()
        .trees(TreeCount.of(5))
        .run(
            session.createDataFrame(rows.javaRDD(), rows.schema()),
            "faulty:" + directory.resolve("index"));
    // The merge, which is one part, reads the pieces where they are.
    assertEquals(Map.of("items-00000", 2L, "items-00001", 2L), openedItems());
    assertEquals(
        List.of("locks"),
        TestSpark.names(
            directory.resolve("cache/annoy-spark-cache-" + System.getProperty("user.name"))));
  }

  /** How often, by the start of the name. */
  private static Map<String, Long> openedItems() {
    return FaultyFileSystem.OPENED_NAMES.stream()
        .filter(name -> name.startsWith("items-"))
        .map(name -> name.substring(0, "items-00000".length()))
        .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
  }
}
