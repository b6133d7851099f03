package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.TreeCount;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds that run at once into one directory: the last wins, and what it names is there. */
class ConcurrentBuildsTest {

  private static final int BUILDS = 3;

  @TempDir Path directory;

  @Test
  void theIndexIsWholeWhoeverWins() throws Exception {
    Path index = directory.resolve("index");
    for (int round = 0; round < 5; round++) {
      for (Future<IndexBuild.Report> build : buildAtOnce(index, true)) {
        build.get();
      }
      assertEquals(8, AnnoyIndex.open(index).items());
      assertEquals(List.of(), staging(index));
    }
  }

  /** Of the losers, no build is the one before. */
  @Test
  void buildsAfterThemLeaveTwo() throws Exception {
    Path index = directory.resolve("index");
    for (int round = 0; round < 3; round++) {
      for (Future<IndexBuild.Report> build : buildAtOnce(index, true)) {
        build.get();
      }
    }
    Dataset<Row> items = TestSpark.items(TestSpark.numbers(8), TestSpark.vectors(8, 3, 1));
    for (int alone = 0; alone < 2; alone++) {
      new IndexBuild().trees(TreeCount.of(1)).overwrite(true).run(items, index.toString());
    }
    assertEquals(5, TestSpark.names(index).size(), TestSpark.names(index).toString());
    assertEquals(8, AnnoyIndex.open(index).items());
  }

  @Test
  void withoutOverwriteOnlyOneWins() throws Exception {
    for (int round = 0; round < 3; round++) {
      Path index = directory.resolve("index-" + round);
      int published = 0;
      for (Future<IndexBuild.Report> build : buildAtOnce(index, false)) {
        try {
          build.get();
          published++;
        } catch (ExecutionException e) {
          assertTrue(e.getCause() instanceof IllegalArgumentException, e.toString());
          assertTrue(e.getMessage().contains("overwrite"), e.toString());
        }
      }
      assertEquals(1, published);
      assertEquals(8, AnnoyIndex.open(index).items());
      assertEquals(3, TestSpark.names(index).size(), TestSpark.names(index).toString());
    }
  }

  private static List<Future<IndexBuild.Report>> buildAtOnce(Path index, boolean overwrite)
      throws InterruptedException {
    Dataset<Row> items = TestSpark.items(TestSpark.numbers(8), TestSpark.vectors(8, 3, 1));
    List<Callable<IndexBuild.Report>> builds = new ArrayList<>();
    for (int i = 0; i < BUILDS; i++) {
      builds.add(
          () ->
              new IndexBuild()
                  .trees(TreeCount.of(1))
                  .overwrite(overwrite)
                  .run(items, index.toString()));
    }
    ExecutorService threads = Executors.newFixedThreadPool(BUILDS);
    try {
      return threads.invokeAll(builds);
    } finally {
      threads.shutdown();
    }
  }

  private static List<String> staging(Path index) throws IOException {
    try (var files = Files.list(index)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("_"))
          .toList();
    }
  }
}
