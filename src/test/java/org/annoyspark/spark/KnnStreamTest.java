package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.ml.AnnoyModel;
import org.annoyspark.storage.AnnoyConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams of queries, while builds are published: of one, neighbours are old; of the next, new. */
class KnnStreamTest {

  private static final int COUNT = 40;
  private static final float[][] VECTORS = TestSpark.vectors(COUNT, 4, 3);

  /** By which batches, in the test that has rows do it. */
  private static final Set<String> PUBLISHED = ConcurrentHashMap.newKeySet();

  @TempDir Path directory;
  private Path index;
  private Path queries;
  private IndexBuild.Report oldBuild;
  private IndexBuild.Report newBuild;

  @BeforeEach
  void buildTwice() throws IOException {
    index = directory.resolve("index");
    queries = Files.createDirectory(directory.resolve("queries"));
    oldBuild = build("old ");
    newBuild = build("new ");
    publish(oldBuild);
  }

  private IndexBuild.Report build(String prefix) throws IOException {
    return new IndexBuild()
        .trees(TreeCount.of(1))
        .overwrite(true)
        .run(items(prefix), index.toString());
  }

  private static Dataset<Row> items(String prefix) {
    return TestSpark.items(IntStream.range(0, COUNT).mapToObj(i -> prefix + i).toList(), VECTORS);
  }

  /** The commit of a build is its metadata in {@code metadata.json}, and nothing else. */
  private void publish(IndexBuild.Report build) {
    publish(index, build.metadata().build());
  }

  private static void publish(Path index, String build) {
    Path metadata = index.resolve("metadata-" + build + ".json");
    try {
      Path copy =
          Files.copy(metadata, index.resolveSibling("copy"), StandardCopyOption.REPLACE_EXISTING);
      Files.move(
          copy,
          index.resolve("metadata.json"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Dataset<Row> stream() {
    return TestSpark.session()
        .readStream()
        .schema(items("").schema())
        .parquet(queries.toUri() + "*");
  }

  /** All vectors as queries, in two files, which come at once and become the next batch. */
  private void sendBatch(String name) throws IOException {
    Path written = directory.resolve(name);
    items(name + " ").repartition(2).write().parquet(written.toUri().toString());
    Files.move(written, queries.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static StreamingQuery start(Dataset<Row> joined, String table) throws Exception {
    return joined
        .selectExpr("split(id, ' ')[0] batch", "id", "neighbors[0].id neighbor")
        .writeStream()
        .format("memory")
        .queryName(table)
        .start();
  }

  private void sendBatchesAroundTheNewBuild(StreamingQuery query) throws Exception {
    sendBatch("first");
    query.processAllAvailable();
    publish(newBuild);
    sendBatch("second");
    query.processAllAvailable();
  }

  /** Each query's nearest item is its own vector's, in the build that the batch was joined with. */
  private static Set<String> buildsOf(String table, String batch) {
    List<Row> rows =
        TestSpark.session()
            .table(table)
            .where("batch = '" + batch + "'")
            .selectExpr("split(neighbor, ' ')[0]", "split(id, ' ')[1] = split(neighbor, ' ')[1]")
            .collectAsList();
    assertEquals(COUNT, rows.size());
    Set<String> builds = new TreeSet<>();
    for (Row row : rows) {
      assertTrue(row.getBoolean(1));
      builds.add(row.getString(0));
    }
    return builds;
  }

  @Test
  void aStreamMovesToTheNewBuildBetweenBatches() throws Exception {
    Dataset<Row> joined =
        new KnnJoin(1).searchK(COUNT).refresh(true).run(stream(), index.toString());
    StreamingQuery query = start(joined, "refreshed");
    try {
      sendBatchesAroundTheNewBuild(query);
    } finally {
      query.stop();
    }
    assertEquals(Set.of("old"), buildsOf("refreshed", "first"));
    assertEquals(Set.of("new"), buildsOf("refreshed", "second"));
  }

  @Test
  void otherwiseItStays() throws Exception {
    StreamingQuery query =
        start(new KnnJoin(1).searchK(COUNT).run(stream(), index.toString()), "kept");
    StreamingQuery sql = start(bySql(), "kept_by_sql");
    try {
      publish(newBuild);
      sendBatch("first");
      query.processAllAvailable();
      sql.processAllAvailable();
    } finally {
      query.stop();
      sql.stop();
    }
    assertEquals(Set.of("old"), buildsOf("kept", "first"));
    assertEquals(Set.of("old"), buildsOf("kept_by_sql", "first"));
  }

  @Test
  void sqlMovesToTheNewBuildWhereItIsTold() throws Exception {
    SparkSession session = TestSpark.session();
    session.conf().set(AnnoyConf.SQL_REFRESH, "true");
    StreamingQuery query = null;
    try {
      query = start(bySql(), "refreshed_by_sql");
      session.conf().unset(AnnoyConf.SQL_REFRESH);
      sendBatchesAroundTheNewBuild(query);
    } finally {
      session.conf().unset(AnnoyConf.SQL_REFRESH);
      if (query != null) {
        query.stop();
      }
    }
    assertEquals(Set.of("old"), buildsOf("refreshed_by_sql", "first"));
    assertEquals(Set.of("new"), buildsOf("refreshed_by_sql", "second"));
  }

  /** One call is looked up for many rows together, the other behind a condition, row by row. */
  private Dataset<Row> bySql() {
    String call = "annoy_neighbors('" + index + "', features, 1, 1000)";
    return stream()
        .selectExpr("id", call + " as together", "if(id > '', " + call + ", null) as alone")
        .selectExpr(
            "id", "if(together = alone, alone, raise_error('of two builds: ' || id)) as neighbors");
  }

  /** Builds are published while tasks of a batch run, by their own rows. */
  @Test
  void aBatchIsOfOneBuild() throws Exception {
    SparkSession session = TestSpark.session();
    UDF1<String, String> publishNew = publishing(index, newBuild.metadata().build());
    session.udf().register("publish_new", publishNew, DataTypes.StringType);
    // Tasks that join start when all rows, and so the new build, are published.
    Dataset<Row> publishing =
        stream().selectExpr("publish_new(id) as id", "features").repartition(3);
    Dataset<Row> joined =
        new KnnJoin(1).searchK(COUNT).refresh(true).run(publishing, index.toString());
    StreamingQuery query = start(joined, "one_build");
    try {
      sendBatch("first");
      query.processAllAvailable();
      sendBatch("second");
      query.processAllAvailable();
    } finally {
      query.stop();
    }
    assertEquals(Set.of("first", "second"), PUBLISHED);
    assertEquals(Set.of("old"), buildsOf("one_build", "first"));
    assertEquals(Set.of("new"), buildsOf("one_build", "second"));
  }

  /** What is sent to tasks must not hold this test. */
  private static UDF1<String, String> publishing(Path index, String build) {
    String directory = index.toString();
    return id -> {
      if (PUBLISHED.add(id.split(" ")[0])) {
        publish(Path.of(directory), build);
      }
      return id;
    };
  }

  @Test
  void otherIdsEndTheStream() throws Exception {
    StreamingQuery query =
        start(new KnnJoin(1).refresh(true).run(stream(), index.toString()), "other_ids");
    new IndexBuild()
        .overwrite(true)
        .run(TestSpark.items(TestSpark.numbers(COUNT), VECTORS), index.toString());
    sendBatch("first");
    Exception end = assertThrows(Exception.class, query::processAllAvailable);
    assertTrue(
        end.getMessage()
            .contains(
                "expected angular of dimension 4 with ids of type string, as when the query was"
                    + " made, found angular of dimension 4 with ids of type int"),
        end.getMessage());
  }

  @Test
  void anotherMetricEndsTheStream() throws Exception {
    StreamingQuery query =
        start(new KnnJoin(1).refresh(true).run(stream(), index.toString()), "other_metric");
    new IndexBuild().metric("dot").overwrite(true).run(items("new "), index.toString());
    sendBatch("first");
    Exception end = assertThrows(Exception.class, query::processAllAvailable);
    assertTrue(end.getMessage().contains("found dot of dimension"), end.getMessage());
  }

  @Tag("mllib")
  @Test
  void aModelMovesToTheNewBuild() throws Exception {
    AnnoyModel model =
        new AnnoyModel().setIndexPath(index.toString()).setK(1).setSearchK(COUNT).setRefresh(true);
    StreamingQuery query = start(model.transform(stream()), "by_model");
    try {
      sendBatchesAroundTheNewBuild(query);
    } finally {
      query.stop();
    }
    assertEquals(Set.of("old"), buildsOf("by_model", "first"));
    assertEquals(Set.of("new"), buildsOf("by_model", "second"));
  }

  /** Spark finds it in what a column says of itself. */
  @Test
  void theWatermarkIsKept() throws Exception {
    Dataset<Row> timed =
        stream()
            .withColumn("at", functions.expr("timestamp_seconds(length(id))"))
            .withWatermark("at", "1 second");
    StreamingQuery query =
        new KnnJoin(1)
            .refresh(true)
            .run(timed, index.toString())
            .groupBy(functions.window(functions.col("at"), "1 second"))
            .count()
            .writeStream()
            .format("memory")
            .queryName("by_time")
            .outputMode("append")
            .start();
    try {
      sendBatch("first");
      query.processAllAvailable();
      assertNotNull(query.lastProgress().eventTime().get("watermark"));
    } finally {
      query.stop();
    }
  }

  @Test
  void aFilterOfOneBuildIsRefused() {
    KnnJoin join = new KnnJoin(1).refresh(true).candidateFilter(items("old ").select("id"));
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> join.run(stream(), index.toString()));
    assertEquals(
        "refresh: expected no candidate filter, which is of one build, found one",
        refusal.getMessage());
  }
}
