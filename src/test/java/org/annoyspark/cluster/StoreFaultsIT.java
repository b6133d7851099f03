package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.annoyspark.storage.S3Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A store that fails for a while does not fail the build, or the build leaves nothing. */
@ExtendWith(ClusterExtension.class)
class StoreFaultsIT {

  private static final int TREES = 10;
  private static final int MANY_FAULTS = 5;

  private static final List<FaultProxy.Fault> TRANSIENT =
      List.of(
          FaultProxy.Fault.INTERNAL_ERROR, FaultProxy.Fault.SLOW_DOWN, FaultProxy.Fault.DROPPED);

  @TempDir Path directory;

  @Test
  void s3FailsForAWhile(StandaloneCluster spark, S3Server s3) throws Exception {
    spark.restore();
    String words = Words.on(Store.of(s3));
    String index = Store.of(s3).at("faults/for-a-while");
    try (FaultProxy proxy = new FaultProxy(s3.port());
        Submit.Running build = build(spark, Store.of(proxy), words, index).start()) {
      build.awaitOutput("  trees ");
      for (FaultProxy.Fault fault : TRANSIENT) {
        int before = proxy.faults();
        proxy.begin(fault);
        build.await("requests that fail", () -> proxy.faults() >= before + MANY_FAULTS);
      }
      proxy.end();
      build.awaitSuccess();
    }
    Words.assertSameBytes(Store.of(s3), index, TREES);
  }

  /** So that the client gives up: what cannot be finished must not stay. */
  @Test
  void s3RefusesEveryPart(StandaloneCluster spark, S3Server s3) throws Exception {
    spark.restore();
    String words = Words.on(Store.of(s3));
    String index = Store.of(s3).at("faults/refused");
    try (FaultProxy proxy = new FaultProxy(s3.port());
        Submit.Running build = build(spark, Store.of(proxy), words, index).start()) {
      build.awaitOutput("  items ");
      proxy.refuseParts();
      assertEquals(1, build.awaitExit(), build.toString());
      assertTrue(build.err().contains("annoy-spark: "), build.toString());
      assertTrue(build.err().contains(index), build.toString());
      proxy.end();
    }
    assertEquals(List.of(), Store.of(s3).names(index));
    assertEquals(List.of(), Store.of(s3).openUploads());
  }

  @Test
  void aDataNodeDiesWhileTheFileIsWritten(StandaloneCluster spark, HdfsDaemons hdfs)
      throws Exception {
    spark.restore();
    hdfs.restore();
    Store store = Store.of(hdfs);
    String words = Words.on(store);
    String index = store.at("faults/datanode");
    // Several parts, so that the merge takes its time.
    try (Submit.Running build =
        build(spark, store, words, index).conf("spark.annoy.part.bytes", "5m").start()) {
      build.awaitOutput("  trees ");
      hdfs.killDataNode(0);
      assertFalse(build.out().contains("  merge "), "killed after the merge: " + build);
      build.awaitSuccess();
    }
    Words.assertSameBytes(store, index, TREES);
    hdfs.restore();
  }

  @Test
  void aDataNodeDiesWhileTheFileIsFetched(StandaloneCluster spark, HdfsDaemons hdfs)
      throws Exception {
    spark.restore();
    hdfs.restore();
    Store store = Store.of(hdfs);
    String words = Words.on(store);
    String index = store.at("faults/fetched");
    build(spark, store, words, index).run();
    Path cache = directory.resolve("cache");
    String joined = store.at("faults/joined");
    try (Submit.Running join =
        Submit.to(spark, "join", "--index", index, "--queries", words, "--output", joined)
            .conf("spark.annoy.cache.dir", cache.toString())
            .on(store)
            .start()) {
      join.await("a copy on its way", () -> isFetching(cache));
      hdfs.killDataNodeWith(store.assertOnlyIndex(index));
      assertFalse(join.out().contains("joined"), "killed after the join: " + join);
      join.awaitSuccess();
      assertTrue(join.out().contains("joined 20,000 queries"), join.toString());
    }
    hdfs.restore();
  }

  private static boolean isFetching(Path cache) throws Exception {
    if (!Files.exists(cache)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(cache)) {
      return files.anyMatch(file -> file.getFileName().toString().contains(".part-"));
    }
  }

  private static Submit build(StandaloneCluster spark, Store store, String words, String index) {
    return Submit.to(spark, "build", "--input", words, "--output", index)
        .with("--trees", Integer.toString(TREES))
        // One executor, for what is tried is not its number.
        .conf("spark.cores.max", "1")
        .on(store);
  }
}
