package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.KnnJoin;
import org.annoyspark.spark.TestSpark;
import org.annoyspark.spark.ml.SavedModels;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.crypto.key.KeyProvider;
import org.apache.hadoop.crypto.key.KeyProviderFactory;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same index on HDFS as on a local disk. */
class HdfsTest {

  private static final float[][] VECTORS = TestSpark.vectors(300, 6, 17);
  private static final List<String> IDS =
      TestSpark.numbers(300).stream().map(i -> "item " + (1000 + i)).toList();

  private static final String KEY_PROVIDER = "hadoop.security.key.provider.path";

  @TempDir static Path directory;
  private static MiniDFSCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, directory.resolve("hdfs").toString());
    conf.set("dfs.namenode.http-address", "127.0.0.1:0");
    conf.set("dfs.datanode.address", "127.0.0.1:0");
    conf.set("dfs.datanode.http.address", "127.0.0.1:0");
    conf.set("dfs.datanode.ipc.address", "127.0.0.1:0");
    conf.set(KEY_PROVIDER, "jceks://file" + directory.resolve("keys.jceks").toAbsolutePath());
    createKey(conf);
    cluster = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    cluster.waitActive();
  }

  private static void createKey(Configuration conf) throws Exception {
    KeyProvider keys = KeyProviderFactory.getProviders(conf).get(0);
    keys.createKey("zone", new KeyProvider.Options(conf).setBitLength(128));
    keys.flush();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.shutdown(true);
    }
  }

  @Test
  void partsMakeAFile() throws Exception {
    PartUploadContract contract =
        new PartUploadContract(
            new org.apache.hadoop.fs.Path(cluster.getURI() + "/uploads"),
            cluster.getFileSystem().getConf());
    contract.partsInAnyOrderMakeTheFile("multipart upload");
    contract.abortLeavesNothing();
  }

  /** There HDFS does not join files, and says so only when all parts are written. */
  @Test
  void anEncryptionZoneIsWrittenInOneStream() throws Exception {
    org.apache.hadoop.fs.Path zone = new org.apache.hadoop.fs.Path(cluster.getURI() + "/zone");
    cluster.getFileSystem().mkdirs(zone);
    cluster.getFileSystem().createEncryptionZone(zone, "zone");
    PartUploadContract contract =
        new PartUploadContract(
            new org.apache.hadoop.fs.Path(zone, "uploads"), cluster.getFileSystem().getConf());
    contract.partsInAnyOrderMakeTheFile("one sequential stream");
    contract.abortLeavesNothing();
    IndexBuild.Report report =
        new IndexBuild().trees(TreeCount.of(3)).run(TestSpark.items(IDS, VECTORS), zone + "/index");
    assertEquals(300, report.metadata().items());
  }

  @Test
  void sameBytesAndAnswersAsOnALocalDisk() throws IOException {
    Dataset<Row> items = TestSpark.items(IDS, VECTORS);
    IndexBuild build = new IndexBuild().trees(TreeCount.of(3)).overwrite(true);
    String local = directory.resolve("index").toUri().toString();
    String remote = cluster.getURI() + "/index";
    IndexBuild.Report localReport = build.run(items, local);
    IndexBuild.Report remoteReport = build.run(items, remote);

    Path copy = directory.resolve("copy.ann");
    FileSystem hdfs = cluster.getFileSystem();
    try (InputStream in = hdfs.open(new org.apache.hadoop.fs.Path(remoteReport.file()))) {
      Files.copy(in, copy);
    }
    assertEquals(localReport.metadata().file().crc32c(), remoteReport.metadata().file().crc32c());
    Path localFile = Path.of(localReport.file().replaceFirst("^file:", ""));
    assertEquals(TestSpark.sha256(localFile), TestSpark.sha256(copy));
    build.seed(7).run(items, remote);
    build.seed(42).run(items, remote);
    // metadata.json, and the file, the ids and the metadata of two builds
    assertEquals(7, hdfs.listStatus(new org.apache.hadoop.fs.Path(remote)).length);

    KnnJoin join = new KnnJoin(4).excludeSelf(true).checkFirst(true);
    assertEquals(
        join.run(items, local).orderBy("id").collectAsList(),
        join.run(items, remote).orderBy("id").collectAsList());
  }

  @Test
  void aPlaceHasOneName() throws IOException {
    Configuration conf = new Configuration();
    int port = cluster.getNameNodePort();
    org.apache.hadoop.fs.Path outer = CanonicalPath.of("hdfs://localhost:" + port + "/place", conf);
    assertEquals(CanonicalPath.of("hdfs://127.0.0.1:" + port + "/place", conf), outer);
    assertTrue(
        CanonicalPath.isWithin(
            CanonicalPath.of("hdfs://127.0.0.1:" + port + "/place/inner", conf), outer));
    assertFalse(
        CanonicalPath.isWithin(
            CanonicalPath.of("hdfs://127.0.0.1:" + port + "/places", conf), outer));
  }

  /** Hadoop refuses the calls of a thread that has been interrupted. */
  @Test
  void aBuildThatIsCancelledLeavesNothing() throws IOException {
    org.apache.hadoop.fs.Path index =
        new org.apache.hadoop.fs.Path(cluster.getURI() + "/cancelled");
    IndexBuild build =
        new IndexBuild()
            .trees(TreeCount.of(2))
            .progress(
                line -> {
                  if (line.startsWith("merge")) {
                    Thread.currentThread().interrupt();
                  }
                });
    try {
      assertThrows(
          IOException.class, () -> build.run(TestSpark.items(IDS, VECTORS), index.toString()));
    } finally {
      assertTrue(Thread.interrupted(), "whoever cancelled it would not be heard");
    }
    assertFalse(cluster.getFileSystem().exists(index));
  }

  /** The README's, in the local runner: each task asks the host's one copy. */
  @Test
  void aMapReduceJobFindsTheNearest() throws Exception {
    String index = cluster.getURI() + "/mapreduce/index";
    new IndexBuild().trees(TreeCount.of(3)).run(TestSpark.items(IDS, VECTORS), index);
    Configuration conf = new Configuration(cluster.getFileSystem().getConf());
    Path cache = Files.createDirectory(directory.resolve("cache"));
    conf.set(AnnoyConf.CACHE_DIR, cache.toString());
    // Without a scheme: on the default file system.
    Map<String, List<String>> nearest =
        LocalMapReduce.nearest(
            conf,
            "/mapreduce/index",
            IDS,
            new org.apache.hadoop.fs.Path(cluster.getURI() + "/mapreduce/job"),
            Files.createDirectory(directory.resolve("mapreduce")));
    assertEquals(IDS.size(), nearest.size());
    for (int q = 0; q < VECTORS.length; q++) {
      assertEquals(bruteForce(VECTORS[q], 5), nearest.get(IDS.get(q)));
    }
    try (Stream<Path> files = Files.walk(cache)) {
      assertEquals(1, files.filter(file -> file.toString().endsWith(".ann")).count());
    }
  }

  /** The ids with the largest cosines. */
  private static List<String> bruteForce(float[] query, int k) {
    return IntStream.range(0, VECTORS.length)
        .boxed()
        .sorted(Comparator.comparingDouble(item -> -cosine(query, VECTORS[item])))
        .limit(k)
        .map(IDS::get)
        .toList();
  }

  private static double cosine(float[] x, float[] y) {
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int z = 0; z < x.length; z++) {
      xy += (double) x[z] * y[z];
      xx += (double) x[z] * x[z];
      yy += (double) y[z] * y[z];
    }
    return xy / Math.sqrt(xx * yy);
  }

  @Tag("mllib")
  @Test
  void modelsAreSavedAndLoaded() throws IOException {
    SavedModels.roundTrip(TestSpark.items(IDS, VECTORS), cluster.getURI() + "/models");
  }
}
