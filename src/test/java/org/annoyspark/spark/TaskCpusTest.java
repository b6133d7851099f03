package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.annoyspark.index.TreeCount;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that Spark gives two cores grow trees in two threads, and it does not show. */
class TaskCpusTest {

  /** Of the words with five trees, as a build with one thread a task has made it. */
  private static final String FIVE_TREES_SHA256 =
      "21c03a83b757d6e1c97559b8509e8ca39aaec8c07420ea9664df7c790d1c3781";

  @TempDir Path directory;

  @AfterAll
  static void leaveNoSessionOfAnotherMaster() {
    TestSpark.session().stop();
  }

  /** Three trees are fewer than the four tasks that run at once, five are not. */
  @Test
  void threadsDoNotShow() throws Exception {
    TestSpark.session().stop();
    SparkSession session =
        SparkSession.builder()
            .master("local[8]")
            .config("spark.ui.enabled", false)
            .config("spark.task.cpus", 2)
            .getOrCreate();
    StageTasks tasks = new StageTasks();
    session.sparkContext().addSparkListener(tasks);
    assertThreadsGrow(session, 3, TestSpark.WORDS_INDEX_SHA256);
    assertThreadsGrow(session, 5, FIVE_TREES_SHA256);
    session.stop();
    assertEquals(List.of(6), tasks.of("subtrees"));
    assertEquals(List.of(3, 3), tasks.of("trees"));
  }

  private void assertThreadsGrow(SparkSession session, int trees, String expected)
      throws Exception {
    Set<Thread> growing = new HashSet<>();
    ScheduledExecutorService watcher = Executors.newSingleThreadScheduledExecutor();
    watcher.scheduleAtFixedRate(() -> addGrowing(growing), 0, 1, TimeUnit.MILLISECONDS);
    IndexBuild.Report report;
    try {
      report =
          new IndexBuild()
              .trees(TreeCount.of(trees))
              .run(
                  session.read().parquet(TestSpark.WORDS.toString()),
                  directory.resolve(trees + "-trees").toString());
    } finally {
      watcher.shutdown();
      assertTrue(watcher.awaitTermination(1, TimeUnit.MINUTES));
    }
    assertEquals(expected, TestSpark.sha256(TestSpark.file(report)));
    assertTrue(growing.size() >= 2, growing.size() + " threads");
    for (Thread thread : growing) {
      thread.join(TimeUnit.MINUTES.toMillis(1));
      assertFalse(thread.isAlive(), "a thread that no task needs any more");
    }
  }

  private static void addGrowing(Set<Thread> growing) {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("annoy-spark-forest")) {
        growing.add(thread);
      }
    }
  }
}
