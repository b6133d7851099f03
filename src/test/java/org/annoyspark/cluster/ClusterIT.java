package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.annoyspark.ReadmeCode;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.RcppAnnoy;
import org.annoyspark.metric.Metric;
import org.annoyspark.spark.KnnJoin;
import org.annoyspark.spark.TestSpark;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.S3Server;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Builds and joins that users submit to a standalone cluster, from and to HDFS and S3, give what
 * they give in the embedded Spark on a local disk.
 */
@ExtendWith(ClusterExtension.class)
class ClusterIT {

  private static final Path WORDS = Path.of("notebooks", "data", "words.parquet").toAbsolutePath();
  private static final int DIMENSION = 100;

  /** As the README has them, so that its commands give what is compared. */
  private static final int K = 50;

  private static final int TREES = 10;

  /** So many neighbours of all words would take a lot of the heap. */
  private static final String COMPARED = "xxhash64(id) % 20 = 0";

  @TempDir static Path directory;

  /** What the embedded Spark makes of the words. */
  private static Path localFile;

  private static List<Row> localNeighbors;

  @BeforeAll
  static void buildLocally() throws Exception {
    Path index = directory.resolve("words.index");
    Submit.embedded("build", "--input", WORDS.toString(), "--output", index.toString())
        .with("--trees", Integer.toString(TREES))
        .run();
    String name =
        TestSpark.names(index).stream().filter(n -> n.endsWith(".ann")).findAny().orElseThrow();
    localFile = index.resolve(name);
    localNeighbors =
        compared(
            new KnnJoin(K)
                .run(TestSpark.session().read().parquet(WORDS.toString()), index.toString()));
  }

  /** By the commands of the README. */
  @Test
  void sameBytesAndNeighborsOnHdfs(StandaloneCluster spark, HdfsDaemons hdfs) throws Exception {
    hdfs.restore();
    spark.restore();
    Store store = Store.of(hdfs);
    store.upload(WORDS, "als/items/words.parquet");
    store.upload(WORDS, "als/users/words.parquet");
    List<List<String>> commands =
        ReadmeCode.commands(ReadmeCode.blocks("On a cluster", "", directory).get(0));
    assertEquals(3, commands.size());
    assertEquals("export SPARK_HOME=/opt/spark", String.join(" ", commands.get(0)));

    submitAsInReadme(spark, store, commands.get(1)).simdKernels().run();
    assertSameBytes(store, store.assertOnlyIndex(store.at("indexes/items")));
    assertTrue(spark.executorLogs().contains("Vector kernels: Vector API"));
    submitAsInReadme(spark, store, commands.get(2)).run();
    assertSameNeighbors(store, store.at("neighbors/users"));
  }

  private static Submit submitAsInReadme(
      StandaloneCluster spark, Store store, List<String> command) {
    assertEquals("jobs/annoy-spark", command.get(0));
    List<String> arguments = new ArrayList<>(command.subList(1, command.size()));
    int master = arguments.indexOf("--master");
    assertEquals("spark://master:7077", arguments.remove(master + 1));
    arguments.remove(master);
    arguments.replaceAll(argument -> argument.replace("hdfs:///", store.at("")));
    return Submit.to(spark, arguments.toArray(String[]::new)).on(store);
  }

  @Test
  void sameBytesAndNeighborsOnS3(StandaloneCluster spark, S3Server s3) throws Exception {
    spark.restore();
    Store store = Store.of(s3);
    String words = store.upload(WORDS, "words/words.parquet");
    Submit.to(spark, "build", "--input", words, "--output", store.at("words.index"))
        .with("--trees", Integer.toString(TREES - 1))
        .on(store)
        .run();
    Submit.to(spark, "add-trees", "--index", store.at("words.index"), "--trees", "1")
        .on(store)
        .run();
    // The build before is kept.
    assertEquals(7, store.names(store.at("words.index")).size());
    assertEquals(List.of(), store.openUploads());
    IndexAddress address =
        IndexAddress.resolve(store.at("words.index"), null, store.fileSystem().getConf());
    assertSameBytes(store, address.file().toString());
    // A task without SIMD and the optimizing compiler takes its time for all words.
    String queries = store.at("queries");
    store.settings().forEach(TestSpark.session().conf()::set);
    TestSpark.session().read().parquet(words).filter(COMPARED).write().parquet(queries);
    String joined = store.at("words.neighbors");
    Submit.to(
            spark,
            "join",
            "--index",
            store.at("words.index"),
            "--queries",
            queries,
            "--output",
            joined)
        .with("-k", Integer.toString(K), "--deploy-mode", "client")
        .on(store)
        .run();
    assertSameNeighbors(store, joined);
  }

  private static void assertSameBytes(Store store, String file) throws IOException {
    Path copy = store.download(file, directory.resolve(store.scheme() + ".ann"));
    assertEquals(TestSpark.sha256(localFile), TestSpark.sha256(copy));
  }

  private static void assertSameNeighbors(Store store, String joined) {
    store.settings().forEach(TestSpark.session().conf()::set);
    assertEquals(localNeighbors, compared(TestSpark.session().read().parquet(joined)));
  }

  /** The program is on this machine, and only spark-submit takes it to others. */
  @Test
  void clusterNeedsSparkSubmit() throws Exception {
    Submit submit = Submit.embedded("build", "--input", "x", "--output", "y");
    try (Submit.Running running = submit.with("--master", "spark://127.0.0.1:7077").start()) {
      assertEquals(2, running.awaitExit());
      assertEquals(
          "annoy-spark: --master spark://127.0.0.1:7077: expected a spark-submit in SPARK_HOME/bin"
              + " or on the PATH, found none\n",
          running.err());
    }
  }

  /**
   * In the same bytes as on the stores. RcppAnnoy adds in another order, so distances differ in
   * their last digits, and those near 0 in all: a few of the farther neighbours are as near as the
   * next, and change places.
   */
  @Test
  void rcppAnnoyFindsTheSame() throws Exception {
    RcppAnnoy.require();
    List<Row> queries = localNeighbors.subList(0, 200);
    float[][] vectors = queries.stream().map(ClusterIT::vector).toArray(float[][]::new);
    Metric metric = Metric.of("angular", DIMENSION, DotLayout.RELEASED);
    RcppAnnoy.Answers answers =
        RcppAnnoy.ask(directory, metric, localFile, vectors, K, AnnoyIndex.DEFAULT_SEARCH_K);
    Map<Integer, String> ids = ids();
    for (int q = 0; q < vectors.length; q++) {
      List<Row> neighbors = queries.get(q).getList(queries.get(q).fieldIndex("neighbors"));
      int[] found = answers.found().get(q);
      Map<String, Float> distances = new HashMap<>();
      neighbors.forEach(near -> distances.put(near.getString(0), near.getFloat(1)));
      for (int i = 0; i < K; i++) {
        assertEquals(neighbors.get(i).getFloat(1), answers.distances().get(q)[i], 1e-3f);
        // What is not among ours would be the next after them.
        float ours = distances.getOrDefault(ids.get(found[i]), neighbors.get(K - 1).getFloat(1));
        assertEquals(neighbors.get(i).getFloat(1), ours, 1e-5f);
      }
    }
  }

  private static float[] vector(Row row) {
    List<Float> values = row.getList(row.fieldIndex("features"));
    float[] vector = new float[values.size()];
    for (int z = 0; z < vector.length; z++) {
      vector[z] = values.get(z);
    }
    return vector;
  }

  private static Map<Integer, String> ids() {
    String table = localFile.toString().replace("/index-", "/ids-").replace(".ann", ".parquet");
    Map<Integer, String> ids = new HashMap<>();
    for (Row row : TestSpark.session().read().parquet(table).collectAsList()) {
      ids.put(row.getInt(0), row.getString(1));
    }
    return ids;
  }

  private static List<Row> compared(Dataset<Row> rows) {
    return rows.filter(COMPARED).orderBy("id").collectAsList();
  }
}
