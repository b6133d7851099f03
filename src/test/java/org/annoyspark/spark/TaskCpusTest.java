package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

  @TempDir Path directory;

  @AfterAll
  static void leaveNoSessionOfAnotherMaster() {
    TestSpark.session().stop();
  }

  @Test
  void wholeTrees() throws Exception {
    assertThreadsDoNotShow("local[2]", List.of());
  }

  @Test
  void dividedTrees() throws Exception {
    assertThreadsDoNotShow("local[8]", List.of(6));
  }

  private void assertThreadsDoNotShow(String master, List<Integer> subtreeTasks) throws Exception {
    TestSpark.session().stop();
    SparkSession session =
        SparkSession.builder()
            .master(master)
            .config("spark.ui.enabled", false)
            .config("spark.task.cpus", 2)
            .getOrCreate();
    StageTasks tasks = new StageTasks();
    session.sparkContext().addSparkListener(tasks);
    Set<Thread> growing = new HashSet<>();
    ScheduledExecutorService watcher = Executors.newSingleThreadScheduledExecutor();
    watcher.scheduleAtFixedRate(() -> addGrowing(growing), 0, 1, TimeUnit.MILLISECONDS);
    IndexBuild.Report report;
    try {
      report =
          new IndexBuild()
              .trees(TreeCount.of(3))
              .run(
                  session.read().parquet(TestSpark.WORDS.toString()),
                  directory.resolve("index").toString());
    } finally {
      watcher.shutdown();
      assertTrue(watcher.awaitTermination(1, TimeUnit.MINUTES));
    }
    session.stop();
    assertEquals(TestSpark.WORDS_INDEX_SHA256, TestSpark.sha256(TestSpark.file(report)));
    assertEquals(subtreeTasks, tasks.of("subtrees"));
    assertTrue(growing.size() >= 2, growing.size() + " threads");
    assertTrue(growing.stream().noneMatch(Thread::isAlive), "threads that no task needs any more");
  }

  private static void addGrowing(Set<Thread> growing) {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("annoy-spark-forest")) {
        growing.add(thread);
      }
    }
  }
}
