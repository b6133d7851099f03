package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.Neighbors;
import org.annoyspark.index.TreeCount;
import org.annoyspark.storage.AnnoyConf;
import org.annoyspark.storage.IndexAddress;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.Metadata;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The join's answers are the index's own, under the ids of the input. */
class KnnJoinTest {

  private static final int COUNT = 200;
  private static final int K = 5;
  private static final float[][] VECTORS = TestSpark.vectors(COUNT, 8, 21);

  /** Ids in the order of their items. */
  private enum Ids {
    INT_WITH_HOLES,
    SPARSE_INT,
    LONG,
    STRING;

    Object of(int row) {
      return switch (this) {
        case INT_WITH_HOLES -> row + row / 2;
        case SPARSE_INT -> row * 1000;
        case LONG -> row * 10_000_000_000L;
        case STRING -> String.format("Wörter %04d", row);
      };
    }

    List<?> all() {
      return IntStream.range(0, COUNT).mapToObj(this::of).toList();
    }

    /** The id of an item. */
    Object ofItem(int item) {
      return this == INT_WITH_HOLES ? (Object) item : of(item);
    }
  }

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Ids.class)
  void answersAreTheIndexsOwn(Ids ids) throws IOException {
    String index = build(ids, 1);
    AnnoyIndex opened = AnnoyIndex.open(Path.of(URI.create(index)));
    for (int searchK : new int[] {AnnoyIndex.DEFAULT_SEARCH_K, 30, 100_000}) {
      Dataset<Row> queries = TestSpark.items(ids.all(), VECTORS).repartition(3);
      List<Row> joined = rowsById(new KnnJoin(K).searchK(searchK).run(queries, index));
      assertEquals(COUNT, joined.size());
      for (int q = 0; q < COUNT; q++) {
        Neighbors expected = opened.nearestToVector(VECTORS[q], K, searchK);
        assertEquals(ids.of(q), joined.get(q).getAs("id"));
        assertEquals(List.of(), differences(ids, expected, joined.get(q)));
      }
    }
  }

  /** 1000 bytes hold one query, 4000 a few; order is that of the queries. */
  @Test
  void theSizeOfBatchesDoesNotShow() throws IOException {
    String index = build(Ids.STRING, 1);
    Dataset<Row> queries = TestSpark.items(Ids.STRING.all(), VECTORS);
    List<Row> expected = new KnnJoin(K).run(queries, index).collectAsList();
    assertEquals(Ids.STRING.all(), expected.stream().map(row -> row.getAs("id")).toList());
    RuntimeConfig conf = queries.sparkSession().conf();
    try {
      for (String bytes : List.of("1", "1000", "4000")) {
        conf.set(AnnoyConf.JOIN_BATCH_BYTES, bytes);
        assertEquals(expected, new KnnJoin(K).run(queries, index).collectAsList());
      }
      conf.set(AnnoyConf.JOIN_BATCH_BYTES, "0");
      var e =
          assertThrows(IllegalArgumentException.class, () -> new KnnJoin(K).run(queries, index));
      assertEquals("spark.annoy.join.batch.bytes: expected at least 1, found 0", e.getMessage());
    } finally {
      conf.unset(AnnoyConf.JOIN_BATCH_BYTES);
    }
  }

  @ParameterizedTest
  @EnumSource(Ids.class)
  void excludingSelfLeavesTheOthersInTheirOrder(Ids ids) throws IOException {
    String index = build(ids, 1);
    Dataset<Row> queries = TestSpark.items(ids.all(), VECTORS);
    List<Row> all = rowsById(new KnnJoin(K + 1).searchK(100_000).run(queries, index));
    List<Row> others =
        rowsById(new KnnJoin(K).searchK(100_000).excludeSelf(true).run(queries, index));
    for (int q = 0; q < COUNT; q++) {
      Object self = ids.of(q);
      List<Row> expected =
          neighbors(all.get(q)).stream().filter(n -> !n.get(0).equals(self)).toList();
      assertEquals(K, expected.size());
      assertEquals(expected, neighbors(others.get(q)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"angular", "euclidean", "manhattan", "dot"})
  void aBoundLeavesOutWhatIsFarther(String metric) throws IOException {
    String index = directory.resolve(metric).toString();
    Dataset<Row> items = TestSpark.items(TestSpark.numbers(COUNT), VECTORS);
    new IndexBuild().metric(metric).trees(TreeCount.of(2)).run(items, index);
    List<Row> all = rowsById(new KnnJoin(K).run(items, index));
    // A distance that occurs: the bound itself is within.
    float bound = neighbors(all.get(3)).get(2).getFloat(1);
    List<Row> bounded = rowsById(new KnnJoin(K).maxDistance(bound).run(items, index));
    int kept = 0;
    for (int q = 0; q < COUNT; q++) {
      List<Row> expected =
          neighbors(all.get(q)).stream()
              .filter(n -> metric.equals("dot") ? n.getFloat(1) >= bound : n.getFloat(1) <= bound)
              .toList();
      assertEquals(expected, neighbors(bounded.get(q)));
      kept += expected.size();
    }
    assertTrue(kept > 0 && kept < K * COUNT, kept + " of " + K * COUNT);
  }

  @Test
  void excludingSelfTakesLongIdsOfQueriesForIntIdsOfItems() throws IOException {
    String index = build(Ids.INT_WITH_HOLES, 1);
    List<Long> longs = IntStream.range(0, COUNT).mapToObj(row -> (long) (row + row / 2)).toList();
    for (Row row :
        rowsById(new KnnJoin(K).excludeSelf(true).run(TestSpark.items(longs, VECTORS), index))) {
      for (Row neighbor : neighbors(row)) {
        assertFalse(row.<Long>getAs("id") == neighbor.getInt(0), row.toString());
      }
    }
  }

  @Test
  void aQueryThatIsNoItemLosesNothing() throws IOException {
    String index = build(Ids.STRING, 1);
    List<String> strangers = IntStream.range(0, COUNT).mapToObj(row -> "stranger " + row).toList();
    Dataset<Row> queries = TestSpark.items(strangers, VECTORS);
    for (Row row : rowsById(new KnnJoin(K).excludeSelf(true).run(queries, index))) {
      assertEquals(K, neighbors(row).size());
    }
  }

  @Tag("mllib")
  @Test
  void columnsOfTheQueriesAreKept() throws IOException {
    String index = build(Ids.LONG, 1);
    Dataset<Row> queries =
        TestSpark.items(Ids.STRING.all(), VECTORS, "sparse")
            .withColumnRenamed("features", "v")
            .withColumn("note", functions.lit("kept").as("note", Metadata.fromJson("{\"a\":1}")))
            .withColumn("nothing", functions.lit(null).cast("double"));
    Dataset<Row> joined = new KnnJoin(2).featuresColumn("v").run(queries, index);
    assertEquals(List.of("id", "v", "note", "nothing", "neighbors"), List.of(joined.columns()));
    assertEquals(
        "array<struct<id:bigint,distance:float>>",
        joined.schema().apply("neighbors").dataType().catalogString());
    assertEquals(rowsById(queries).toString(), rowsById(joined.drop("neighbors")).toString());
    assertEquals(queries.schema(), joined.drop("neighbors").schema());
  }

  /** As after a join, in which the ids of both sides stay. */
  @Test
  void queriesMayHaveANameTwice() throws IOException {
    String index = build(Ids.LONG, 1);
    Dataset<Row> queries = TestSpark.items(Ids.LONG.all(), VECTORS);
    Metadata metadata = Metadata.fromJson("{\"a\":1}");
    Dataset<Row> joined =
        new KnnJoin(2)
            .checkFirst(true)
            .run(
                queries.select(
                    functions.lit(1).as("note", metadata),
                    functions.lit(2).as("note"),
                    functions.col("features")),
                index);
    assertEquals(List.of("note", "note", "features", "neighbors"), List.of(joined.columns()));
    assertEquals(metadata, joined.schema().apply(0).metadata());
    Row row = joined.first();
    assertEquals(List.of(1, 2), List.of(row.getInt(0), row.getInt(1)));
  }

  @Test
  void aBareFileAnswersWithItemNumbers() throws IOException {
    String index = build(Ids.STRING, 1);
    Path file = file(index);
    Dataset<Row> joined =
        new KnnJoin(K)
            .bareFile(new IndexAddress.BareFile("euclidean", 8, DotLayout.RELEASED))
            .run(TestSpark.items(Ids.STRING.all(), VECTORS), file.toString());
    List<Row> rows = rowsById(joined);
    for (int q = 0; q < COUNT; q++) {
      assertEquals(q, neighbors(rows.get(q)).get(0).getInt(0));
    }
  }

  @Test
  void noQueriesNoAnswers() throws IOException {
    String index = build(Ids.STRING, 1);
    Dataset<Row> none = TestSpark.items(Ids.STRING.all(), VECTORS).filter("id = 'none'");
    assertEquals(0, new KnnJoin(K).run(none, index).count());
    assertEquals(0, new KnnJoin(K).checkFirst(true).run(none, index).count());
    assertEquals(
        0,
        new KnnJoin(K)
            .run(TestSpark.session().createDataFrame(List.of(), none.schema()), index)
            .count());
  }

  @Test
  void fewerItemsThanAskedForAreAllReturned() throws IOException {
    String index = build(Ids.INT_WITH_HOLES, 1);
    Dataset<Row> one = TestSpark.items(List.of(0), new float[][] {VECTORS[0]});
    Row row = new KnnJoin(Integer.MAX_VALUE).excludeSelf(true).run(one, index).first();
    assertEquals(COUNT - 1, neighbors(row).size());
  }

  /** The directory has another build when the tasks come to open it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void answersStayThoseOfTheBuildThatWasResolved(boolean ofAnEarlierVersion) throws IOException {
    String index = build(Ids.STRING, 1);
    if (ofAnEarlierVersion) {
      // It wrote no metadata for each build.
      Files.delete(ownMetadata(index));
    }
    Dataset<Row> queries = TestSpark.items(Ids.STRING.all(), VECTORS);
    KnnJoin join = new KnnJoin(K).searchK(10);
    Dataset<Row> resolvedBefore = join.run(queries, index);
    AnnoyIndex before = AnnoyIndex.open(Path.of(URI.create(index)));
    build(Ids.STRING, 2);
    List<Row> joined = rowsById(resolvedBefore);
    int differing = 0;
    List<Row> resolvedAfter = rowsById(join.run(queries, index));
    for (int q = 0; q < COUNT; q++) {
      Neighbors expected = before.nearestToVector(VECTORS[q], K, 10);
      assertEquals(List.of(), differences(Ids.STRING, expected, joined.get(q)));
      differing += neighbors(joined.get(q)).equals(neighbors(resolvedAfter.get(q))) ? 0 : 1;
    }
    assertTrue(differing > 0, "the second build should answer some query otherwise");
  }

  /** A task has answered, and others are still to start, on one core as on a busy cluster. */
  @Test
  void aRunningJoinStaysWithItsBuild() throws IOException {
    String index = build(Ids.STRING, 1);
    KnnJoin join = new KnnJoin(K).searchK(10);
    Dataset<Row> queries = TestSpark.items(Ids.STRING.all(), VECTORS).repartition(20);
    Dataset<Row> resolvedBefore = join.run(queries, index);
    AnnoyIndex before = AnnoyIndex.open(Path.of(URI.create(index)));
    List<Row> joined = new ArrayList<>();
    // It runs a job for a partition when the one before is used up.
    Iterator<Row> running = resolvedBefore.toLocalIterator();
    joined.add(running.next());
    build(Ids.STRING, 2);
    running.forEachRemaining(joined::add);
    assertEquals(COUNT, joined.size());
    Map<String, Row> after = new HashMap<>();
    join.run(queries, index).collectAsList().forEach(row -> after.put(row.getAs("id"), row));
    int differing = 0;
    for (Row row : joined) {
      int q = Ids.STRING.all().indexOf(row.getAs("id"));
      Neighbors expected = before.nearestToVector(VECTORS[q], K, 10);
      assertEquals(List.of(), differences(Ids.STRING, expected, row));
      differing += neighbors(row).equals(neighbors(after.get(row.<String>getAs("id")))) ? 0 : 1;
    }
    // Of more queries than the first partition had.
    assertTrue(differing > COUNT / 10, differing + " are answered otherwise by the second build");
  }

  /** It passes through a function of the session, which nobody else should find. */
  @Test
  void noFunctionIsLeft() throws IOException {
    SparkSession session = TestSpark.session();
    new KnnJoin(K).run(TestSpark.items(Ids.STRING.all(), VECTORS), build(Ids.STRING, 1)).count();
    List<String> functions =
        scala.jdk.javaapi.CollectionConverters.asJava(
                session.sessionState().functionRegistry().listFunction())
            .stream()
            .map(FunctionIdentifier::funcName)
            .toList();
    assertTrue(functions.contains("explode"), functions.toString());
    assertTrue(functions.stream().noneMatch(name -> name.contains("generator")), "" + functions);
  }

  /** Rows wait for others, and a task may have several partitions, of which none is read whole. */
  @Test
  void partitionsOfOneTaskDoNotMix() throws IOException {
    String index = build(Ids.STRING, 1);
    Dataset<Row> queries = TestSpark.items(Ids.STRING.all(), VECTORS).repartition(4).cache();
    Dataset<Row> joined = new KnnJoin(K).run(queries, index);
    List<Row> all = joined.collectAsList();
    assertEquals(all, joined.coalesce(1).collectAsList());
    Dataset<Row> firsts =
        joined.mapPartitions(FIRST_ROW, Encoders.row(joined.schema())).coalesce(1);
    List<Row> expected =
        queries.mapPartitions(FIRST_ROW, Encoders.row(queries.schema())).collectAsList();
    assertEquals(
        expected.stream().map(row -> row.getString(0)).toList(),
        firsts.collectAsList().stream().map(row -> row.getString(0)).toList());
  }

  private static final MapPartitionsFunction<Row, Row> FIRST_ROW =
      rows -> rows.hasNext() ? List.of(rows.next()).iterator() : rows;

  /** Hadoop's configuration alone has some hundred kilobytes. */
  @Test
  void whatATaskIsSentIsSmall() throws IOException {
    IndexAddress address =
        IndexAddress.resolve(
            build(Ids.STRING, 1), null, TestSpark.session().sessionState().newHadoopConf());
    Configuration large = new Configuration();
    for (int i = 0; i < 1000; i++) {
      large.set("a.setting.with.some.name." + i, "and some value");
    }
    int bytes = taskBytes(address, large);
    assertEquals(taskBytes(address, new Configuration()), bytes);
    assertTrue(bytes < 4000, bytes + " bytes");
  }

  private static int taskBytes(IndexAddress address, Configuration conf) throws IOException {
    Dataset<Row> queries = TestSpark.items(Ids.STRING.all(), VECTORS);
    TaskConf taskConf =
        new TaskConf(
            JavaSparkContext.fromSparkContext(queries.sparkSession().sparkContext()), conf);
    QueryTask task =
        new QueryTask(
            new NeighborSearch(address, taskConf, K, 10, 1f, null),
            VectorColumn.of(queries.schema(), "features"),
            IdColumn.of(queries.schema(), "id"),
            null,
            null);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(task);
    }
    return bytes.size();
  }

  private String build(Ids ids, long seed) throws IOException {
    String index = directory.resolve("index").toUri().toString();
    new IndexBuild()
        .metric("euclidean")
        .trees(TreeCount.of(4))
        .seed(seed)
        .overwrite(true)
        .run(TestSpark.items(ids.all(), VECTORS), index);
    return index;
  }

  private static Path ownMetadata(String index) throws IOException {
    return Path.of(file(index).toString().replace("index-", "metadata-").replace(".ann", ".json"));
  }

  private static Path file(String index) throws IOException {
    Path directory = Path.of(URI.create(index));
    try (var files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".ann")).findFirst().orElseThrow();
    }
  }

  private static List<Row> rowsById(Dataset<Row> rows) {
    return rows.orderBy("id").collectAsList();
  }

  private static List<Row> neighbors(Row row) {
    return row.getList(row.fieldIndex("neighbors"));
  }

  private static List<String> differences(Ids ids, Neighbors expected, Row row) {
    List<String> differences = new ArrayList<>();
    List<Row> found = neighbors(row);
    if (found.size() != expected.size()) {
      differences.add("expected " + expected.size() + ", found " + found);
      return differences;
    }
    for (int i = 0; i < found.size(); i++) {
      Object id = ids.ofItem(expected.items()[i]);
      float distance = expected.distances()[i];
      if (!id.equals(found.get(i).get(0)) || distance != found.get(i).getFloat(1)) {
        differences.add("expected " + id + " " + distance + ", found " + found.get(i));
      }
    }
    return differences;
  }
}
