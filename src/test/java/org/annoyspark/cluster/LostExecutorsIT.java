package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.TestSpark;
import org.annoyspark.storage.S3Server;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Machines that die or stall while a build runs: it ends well all the same, in the same bytes, and
 * leaves nothing lying about.
 */
@ExtendWith(ClusterExtension.class)
class LostExecutorsIT {

  private static final int ITEMS = 100_000;
  private static final int TREES = 12;

  @TempDir static Path directory;

  private static String items;
  private static String expectedSha256;

  private final StandaloneCluster spark;
  private final HdfsDaemons daemons;
  private final Store hdfs;
  @TempDir Path own;

  LostExecutorsIT(StandaloneCluster spark, HdfsDaemons daemons) {
    this.spark = spark;
    this.daemons = daemons;
    this.hdfs = Store.of(daemons);
  }

  @BeforeAll
  static void buildUndisturbed(HdfsDaemons daemons) throws Exception {
    Store hdfs = Store.of(daemons);
    Dataset<Row> rows =
        TestSpark.session()
            .range(0, ITEMS, 1, 4)
            .selectExpr("concat('item ', id) as id", HashedVectors.column(64) + " as features");
    items = hdfs.at("lost-executors/items");
    rows.write().parquet(items);
    IndexBuild.Report report =
        new IndexBuild()
            .trees(TreeCount.of(TREES))
            .run(TestSpark.session().read().parquet(items), directory.resolve("index").toString());
    expectedSha256 = TestSpark.sha256(Path.of(report.file().replaceFirst("^file:", "")));
  }

  @BeforeEach
  void restoreCluster() throws Exception {
    spark.restore();
    daemons.restore();
  }

  @Test
  void workerDiesWhileItemsAreStaged() throws Exception {
    String index = hdfs.at("lost-executors/items-index");
    try (Submit.Running build = build(hdfs, index).start()) {
      build.await("a piece of items", () -> isStaged(index, "items-"));
      spark.workers().get(0).kill();
      assertSameIndex(build, hdfs, index);
    }
    assertSeen("annoy-spark build: items", "ExecutorLostFailure", false);
  }

  @Test
  void workerDiesWhileTreesGrowAndAnotherTakesItsPlace() throws Exception {
    String index = hdfs.at("lost-executors/trees-index");
    try (Submit.Running build = build(hdfs, index).start()) {
      build.await("a tree", () -> isStaged(index, "tree-"));
      spark.workers().get(0).kill();
      spark.restore();
      assertSameIndex(build, hdfs, index);
    }
    assertSeen("annoy-spark build: trees", "ExecutorLostFailure", false);
  }

  @Test
  void workerDiesWhileTheFileIsMergedOnS3(S3Server server) throws Exception {
    Store s3 = Store.of(server);
    String index = s3.at("lost-executors/merge-index");
    try (Submit.Running build = build(s3, index).start()) {
      build.await("a part", () -> server.uploadedParts() > 0);
      spark.workers().get(0).kill();
      assertSameIndex(build, s3, index);
    }
    assertSeen("annoy-spark build: merge", "ExecutorLostFailure", false);
  }

  @Test
  void executorStallsWhileTreesGrow() throws Exception {
    String index = hdfs.at("lost-executors/stalled-index");
    Submit submit =
        build(hdfs, index)
            .conf("spark.speculation", "true")
            .conf("spark.speculation.interval", "200ms")
            .conf("spark.speculation.quantile", "0.5")
            .conf("spark.speculation.multiplier", "1.1")
            .conf("spark.speculation.minTaskRuntime", "100ms");
    try (Submit.Running build = submit.start()) {
      build.await("a tree", () -> isStaged(index, "tree-"));
      StandaloneCluster.Worker stalled = spark.workers().get(0);
      stalled.pauseExecutors();
      build.awaitOutput("  trees ");
      // It goes on where it was, among files that the driver has no more use for.
      stalled.resumeExecutors();
      assertSameIndex(build, hdfs, index);
    }
    assertSeen("annoy-spark build: trees", "Success", true);
  }

  private Submit build(Store store, String index) {
    Submit submit =
        Submit.to(spark, "build", "--input", items, "--output", index)
            .with("--trees", Integer.toString(TREES))
            .on(hdfs)
            .on(store)
            .conf("spark.annoy.part.bytes", "5m")
            .conf("spark.sql.shuffle.partitions", "4")
            // Tasks need not wait for the host that has their rows: both executors get some.
            .conf("spark.locality.wait", "0")
            // No task starts before both are there.
            .conf("spark.cores.max", "2")
            .conf("spark.scheduler.minRegisteredResourcesRatio", "1")
            .conf("spark.shuffle.io.retryWait", "1s");
    EventLog.settings(own).forEach(submit::conf);
    return submit;
  }

  private boolean isStaged(String index, String prefix) throws Exception {
    for (String name : hdfs.names(index)) {
      if (name.startsWith("_staging-")
          && hdfs.names(index + "/" + name).stream().anyMatch(piece -> piece.startsWith(prefix))) {
        return true;
      }
    }
    return false;
  }

  private void assertSameIndex(Submit.Running build, Store store, String index) throws Exception {
    build.awaitSuccess();
    Path copy = own.resolve("copy.ann");
    store.download(store.assertOnlyIndex(index), copy);
    assertEquals(expectedSha256, TestSpark.sha256(copy));
    Files.delete(copy);
  }

  /** The disturbance came when it was to come. */
  private void assertSeen(String job, String reason, boolean isSpeculative) throws Exception {
    List<EventLog.TaskEnd> ends =
        EventLog.taskEnds(own).stream().filter(end -> end.job().equals(job)).toList();
    assertTrue(
        ends.contains(new EventLog.TaskEnd(job, reason, isSpeculative)), () -> "found " + ends);
  }
}
