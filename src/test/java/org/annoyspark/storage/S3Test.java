package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.annoyspark.cluster.FaultProxy;
import org.annoyspark.format.MergePlan;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.KnnJoin;
import org.annoyspark.spark.TestSpark;
import org.annoyspark.spark.ml.SavedModels;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Builds to and joins from a real S3 API server, which holds to S3's rules for parts. */
class S3Test {

  private static final org.apache.hadoop.fs.Path ROOT =
      new org.apache.hadoop.fs.Path("s3a://" + S3Server.BUCKET + "/");

  @TempDir static Path directory;
  private static S3Server server;

  @BeforeAll
  static void start() throws IOException {
    server = S3Server.start(directory.resolve("s3.log"));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static Configuration conf() {
    Configuration conf = new Configuration();
    server.settings().forEach(conf::set);
    return conf;
  }

  @Test
  void partsInAnyOrderMakeTheFile() throws Exception {
    MergePlan plan = new MergePlan(NodeLayout.angular(1000), 3000, new int[] {50});
    byte[] bytes = new byte[(int) plan.totalBytes()];
    new Random(3).nextBytes(bytes);
    org.apache.hadoop.fs.Path target = new org.apache.hadoop.fs.Path(ROOT, "parts/x.ann");
    PartUpload upload =
        PartUploads.begin(
            target, new org.apache.hadoop.fs.Path(ROOT, "staging"), bytes.length, conf());
    assertEquals("multipart upload", upload.description());
    List<MergePlan.Part> parts = plan.parts(5 << 20, 1 << 20);
    assertEquals(3, parts.size());
    PartReceipt[] receipts = new PartReceipt[parts.size()];
    for (int number : new int[] {2, 0, 1, 0}) {
      MergePlan.Part part = parts.get(number);
      try (InputStream in =
          new java.io.ByteArrayInputStream(
              bytes, (int) part.fromByte(), (int) part.lengthBytes())) {
        receipts[number] = upload.put(part, in, "attempt", conf());
      }
    }
    upload.complete(Arrays.asList(receipts), conf());
    FileSystem fs = target.getFileSystem(conf());
    try (InputStream in = fs.open(target)) {
      assertArrayEquals(bytes, in.readAllBytes());
    }
  }

  /** No file shows such an upload, no delete ends it, and it is paid for. */
  @Test
  void aKilledWriterLeavesNoUpload() throws Exception {
    for (String elsewhere : List.of("", ROOT + "elsewhere")) {
      Configuration conf = conf();
      conf.set(AnnoyConf.STAGING_DIR, elsewhere);
      conf.set("fs.s3a.multipart.size", "5M");
      conf.set("fs.s3a.fast.upload.buffer", "bytebuffer");
      conf.set("fs.s3a.impl.disable.cache", "true");
      Staging staging = Staging.create(new IndexDirectory(ROOT + "killed", conf), "b", "", conf);
      StagedFileWriter neverClosed = new StagedFileWriter(staging.pieces(), "tree-00000-0-1", conf);
      neverClosed.write(new byte[6 << 20], 0, 6 << 20);
      String key = staging.pieces().toUri().getPath().substring(1) + "/tree-00000-0-1";
      assertEquals(List.of(key), server.openUploads(key));
      staging.delete();
      assertEquals(List.of(), server.openUploads(key));
    }
  }

  /** The client asks again, and nobody knows the upload that was begun first. */
  @Test
  void anUploadWhoseReplyWasLostIsAborted() throws Exception {
    try (FaultProxy proxy = new FaultProxy(server.port())) {
      Configuration conf = new Configuration();
      S3Server.settings(proxy.port()).forEach(conf::set);
      conf.set("fs.s3a.impl.disable.cache", "true");
      IndexDirectory lost = new IndexDirectory(ROOT + "lost", conf);
      Staging other = Staging.create(lost, "b2", "", conf);
      PartUpload othersUpload = begin(lost, other, conf);
      Staging staging = Staging.create(lost, "b", "", conf);
      proxy.loseReplyTo("?uploads");
      PartUpload upload = begin(lost, staging, conf);
      assertEquals("multipart upload", upload.description());
      assertEquals(1, proxy.faults());
      assertEquals(
          List.of("lost/index-b.ann", "lost/index-b.ann", "lost/index-b2.ann"),
          server.openUploads("lost/"));
      upload.abort(conf);
      staging.delete();
      assertEquals(List.of("lost/index-b2.ann"), server.openUploads("lost/"));
      othersUpload.abort(conf);
    }
  }

  private static PartUpload begin(IndexDirectory index, Staging staging, Configuration conf)
      throws IOException {
    org.apache.hadoop.fs.Path target =
        new org.apache.hadoop.fs.Path(index.path(), IndexDirectory.indexName(staging.build()));
    return PartUploads.begin(target, staging.path(), 100, conf);
  }

  /** There, no directory has to be there for a file to be written into it. */
  @Test
  void aPieceThatComesTooLateDoesNotBringBackItsStaging() throws Exception {
    for (String elsewhere : List.of("", ROOT + "elsewhere")) {
      Configuration conf = conf();
      conf.set(AnnoyConf.STAGING_DIR, elsewhere);
      Staging staging = Staging.create(new IndexDirectory(ROOT + "late", conf), "b", "", conf);
      StagedFileWriter withReceipt = new StagedFileWriter(staging.pieces(), "tree-00000-0-1", conf);
      StagedFileWriter without = new StagedFileWriter(staging.pieces(), "top-00000-0-2", conf);
      withReceipt.write(7);
      without.write(7);
      staging.delete();
      withReceipt.close();
      without.close();
      for (Executable report :
          List.<Executable>of(withReceipt::reportWithReceipt, without::report)) {
        assertEquals(
            staging.pieces() + ": the build has ended, and its pieces have been removed",
            assertThrows(IOException.class, report).getMessage());
      }
      FileSystem fs = staging.pieces().getFileSystem(conf);
      assertFalse(fs.exists(staging.pieces()), staging.pieces() + " is back");
      assertFalse(fs.exists(staging.path()), staging.path() + " is back");
    }
  }

  @Test
  void readersFindAnIndexWhileOthersReplaceIt() throws Exception {
    IndexDirectory index = new IndexDirectory(ROOT + "commits", conf());
    IndexDirectoryTest.commit(index, IndexDirectoryTest.metadata("0"), true);
    ExecutorService writer = Executors.newSingleThreadExecutor();
    try {
      Future<?> commits =
          writer.submit(
              () -> {
                for (int build = 1; build <= 10; build++) {
                  String name = Integer.toString(build);
                  IndexDirectoryTest.commit(index, IndexDirectoryTest.metadata(name), true);
                }
                return null;
              });
      int reads = 0;
      for (; !commits.isDone(); reads++) {
        assertTrue(index.isIndex(), "no index after " + reads + " reads");
      }
      commits.get();
      assertTrue(reads > 0);
    } finally {
      writer.shutdown();
    }
    assertEquals("10", index.readMetadata().build());
  }

  /** Of commits at once several may win here: the server tests and puts in two steps. */
  @Test
  void aCommitDoesNotReplaceUnasked() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(3);
    try {
      for (int round = 0; round < 3; round++) {
        IndexDirectory index = new IndexDirectory(ROOT + "exclusive-" + round, conf());
        List<Callable<String>> commits = new ArrayList<>();
        for (String build : List.of("a", "b", "c")) {
          commits.add(() -> commitUnlessThere(index, build));
        }
        List<String> winners = new ArrayList<>();
        for (Future<String> commit : writers.invokeAll(commits)) {
          winners.add(commit.get());
        }
        winners.removeIf(String::isEmpty);
        assertTrue(winners.contains(index.readMetadata().build()), winners.toString());
        assertEquals("", commitUnlessThere(index, "d"));
      }
    } finally {
      writers.shutdown();
    }
  }

  /** The build if it was published. */
  private static String commitUnlessThere(IndexDirectory index, String build) throws IOException {
    try {
      IndexDirectoryTest.commit(index, IndexDirectoryTest.metadata(build), false);
      return build;
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage().contains("another build has published"), e.getMessage());
      return "";
    }
  }

  @Test
  void sameBytesAndAnswersAsOnALocalDisk() throws IOException {
    SparkSession session = TestSpark.session();
    server.settings().forEach(session.conf()::set);
    float[][] vectors = TestSpark.vectors(300, 6, 17);
    List<String> ids = TestSpark.numbers(300).stream().map(i -> "item " + (1000 + i)).toList();
    Dataset<Row> items = TestSpark.items(ids, vectors);
    IndexBuild build = new IndexBuild().trees(TreeCount.of(3)).overwrite(true);
    String local = directory.resolve("index").toUri().toString();
    String remote = ROOT + "index";
    IndexBuild.Report localReport = build.run(items, local);
    IndexBuild.Report remoteReport = build.run(items, remote);
    assertEquals(localReport.metadata().file().crc32c(), remoteReport.metadata().file().crc32c());
    Path copy = directory.resolve("copy.ann");
    org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(remoteReport.file());
    try (InputStream in = file.getFileSystem(conf()).open(file)) {
      Files.copy(in, copy);
    }
    Path localFile = Path.of(localReport.file().replaceFirst("^file:", ""));
    assertEquals(TestSpark.sha256(localFile), TestSpark.sha256(copy));
    KnnJoin join = new KnnJoin(4).excludeSelf(true).checkFirst(true);
    assertEquals(
        join.run(items, local).orderBy("id").collectAsList(),
        join.run(items, remote).orderBy("id").collectAsList());
  }

  @Tag("mllib")
  @Test
  void modelsAreSavedAndLoaded() throws IOException {
    SparkSession session = TestSpark.session();
    server.settings().forEach(session.conf()::set);
    // Spark ML's own reader and writer know the context's settings alone.
    server.settings().forEach(session.sparkContext().hadoopConfiguration()::set);
    float[][] vectors = TestSpark.vectors(50, 6, 17);
    SavedModels.roundTrip(TestSpark.items(TestSpark.numbers(50), vectors), ROOT + "models");
  }
}
