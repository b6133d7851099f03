package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.annoyspark.storage.FreePort;
import org.annoyspark.storage.S3Server;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong around a job is told in one message, with the URI and the cause. */
@ExtendWith(ClusterExtension.class)
class BadEnvironmentIT {

  private static final String WORDS = Words.LOCAL.toString();

  @TempDir Path directory;

  @Test
  void stagingThatCannotBeCreated() throws Exception {
    String output = directory.resolve("index").toString();
    Submit build =
        Submit.embedded("build", "--input", WORDS, "--output", output)
            .conf("spark.annoy.staging.dir", "/proc/nowhere");
    assertFails(build, "staging file:/proc/nowhere/_staging-", "cannot be created");
    assertFalse(directory.resolve("index").toFile().exists());
  }

  @Test
  void noPermissionOnTheOutput(StandaloneCluster spark, HdfsDaemons hdfs) throws Exception {
    hdfs.restore();
    Store store = Store.of(hdfs);
    org.apache.hadoop.fs.Path home = new org.apache.hadoop.fs.Path(store.at("private"));
    store.fileSystem().mkdirs(home, new FsPermission((short) 0755));
    String output = store.at("private/index");
    Submit build =
        Submit.local(spark.home(), "build", "--input", WORDS, "--output", output)
            .environment("HADOOP_USER_NAME", "alice")
            .on(store);
    assertFails(build, output, "Permission denied: user=alice, access=WRITE");
    assertEquals(List.of(), store.names(store.at("private")));
  }

  @Test
  void nameNodeDown(StandaloneCluster spark) throws Exception {
    String output = "hdfs://127.0.0.1:" + FreePort.next() + "/index";
    assertFails(
        Submit.local(spark.home(), "build", "--input", WORDS, "--output", output),
        "output " + output + ": ",
        "Connection refused");
    assertFails(
        Submit.local(spark.home(), "neighbors", "--index", output, "--id", "guitar"),
        "index " + output + ": ",
        "Connection refused");
  }

  @Test
  void unknownBucket(StandaloneCluster spark, S3Server s3) throws Exception {
    String output = "s3a://no-such-bucket/index";
    Submit build = Submit.local(spark.home(), "build", "--input", WORDS, "--output", output);
    assertFails(build.on(Store.of(s3)), output, "bucket does not exist");
  }

  /** The test's S3 server takes any key: the refusal is the proxy's. */
  @Test
  void wrongCredentials(StandaloneCluster spark, S3Server s3) throws Exception {
    try (FaultProxy proxy = new FaultProxy(s3.port())) {
      proxy.begin(FaultProxy.Fault.FORBIDDEN);
      String output = "s3a://" + S3Server.BUCKET + "/index";
      Submit build =
          Submit.local(spark.home(), "build", "--input", WORDS, "--output", output)
              .on(Store.of(proxy))
              .conf("spark.hadoop.fs.s3a.access.key", "AKIDFORTHETEST")
              .conf("spark.hadoop.fs.s3a.secret.key", "very-secret-indeed");
      String told = assertFails(build, output, "Status Code: 403");
      assertFalse(told.contains("very-secret-indeed"), told);
      assertFalse(told.contains("AKIDFORTHETEST"), told);
    }
  }

  @Test
  void fullDisk() throws Exception {
    SmallDisk.require();
    String output = SmallDisk.PATH + "/index";
    Submit build = Submit.embedded("build", "--input", WORDS, "--output", output);
    String told =
        assertFails(
            build.within(SmallDisk.command("9m")), output, "cannot be written", "No space left");
    // Printed by the shell around the command, which alone sees the disk.
    assertTrue(told.contains("left on the disk: 0"), told);
  }

  /** Executors that have no room for their copies; elsewhere there is plenty. */
  @Test
  void noRoomInTheCache(StandaloneCluster spark, HdfsDaemons hdfs) throws Exception {
    SmallDisk.require();
    hdfs.restore();
    Store store = Store.of(hdfs);
    String output = store.at("no-room/index");
    Submit build =
        Submit.withExecutors(spark.home(), "build", "--input", WORDS, "--output", output)
            .conf("spark.annoy.cache.dir", SmallDisk.PATH)
            .on(store);
    assertFails(
        build.within(SmallDisk.command("1m")),
        "the cache of this host: expected room for ",
        "spark.annoy.cache.dir");
    assertEquals(List.of(), store.names(output));
  }

  /** Fails with exit code 1 within a minute, and with one message; returns all that was told. */
  private static String assertFails(Submit command, String... parts) throws Exception {
    try (Submit.Running running = command.start()) {
      assertEquals(1, running.awaitExit(Duration.ofMinutes(1)), running.toString());
      String message = message(running);
      for (String part : parts) {
        assertTrue(message.contains(part), message + "\nlacks: " + part);
      }
      return running.out() + running.err();
    }
  }

  private static String message(Submit.Running running) throws IOException {
    List<String> lines =
        running.err().lines().filter(line -> line.startsWith("annoy-spark: ")).toList();
    assertEquals(1, lines.size(), running.toString());
    return lines.get(0);
  }
}
