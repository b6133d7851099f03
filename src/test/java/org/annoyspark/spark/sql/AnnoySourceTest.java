package org.annoyspark.spark.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.SeededTrees;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** {@code format("annoy")}, to write and to read. */
class AnnoySourceTest {

  private static final int COUNT = 30;
  private static final float[][] VECTORS = TestSpark.vectors(2 * COUNT, 3, 4);

  @TempDir Path directory;

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private static Dataset<Row> strings(int from, int to) {
    List<String> ids = IntStream.range(from, to).mapToObj(i -> "id" + (100 + i)).toList();
    return TestSpark.items(ids, java.util.Arrays.copyOfRange(VECTORS, from, to));
  }

  private static DataFrameWriter<Row> writer(Dataset<Row> rows) {
    return rows.write().format("annoy").option("metric", "euclidean").option("numTrees", 2);
  }

  private static Dataset<Row> read(String path) {
    return TestSpark.session().read().format("annoy").load(path);
  }

  private static List<Row> sorted(Dataset<Row> rows) {
    return rows.orderBy("id").collectAsList();
  }

  private Path file(String name) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(name))) {
      return files.filter(file -> file.toString().endsWith(".ann")).sorted().toList().get(0);
    }
  }

  @Test
  void writesWhatTheBuildWritesAndReadsItBack() throws IOException {
    writer(strings(0, COUNT)).option("SEED", "9").save(path("index"));
    new IndexBuild()
        .metric("euclidean")
        .trees(TreeCount.of(2))
        .seed(9)
        .run(strings(0, COUNT), path("expected"));
    assertEquals(TestSpark.sha256(file("expected")), TestSpark.sha256(file("index")));
    Dataset<Row> items = read(path("index"));
    assertEquals(strings(0, COUNT).schema(), items.schema());
    assertEquals(sorted(strings(0, COUNT)), sorted(items));
    assertEquals(COUNT, items.count());
    assertTrue(items.javaRDD().getNumPartitions() > 1);
  }

  @Test
  void holesAndLongsAndOtherColumnsComeBackAsTheyWere() {
    Dataset<Row> evens =
        TestSpark.items(TestSpark.numbers(COUNT), java.util.Arrays.copyOf(VECTORS, COUNT))
            .selectExpr("id * 2 AS number", "features AS vector");
    writer(evens).option("idCol", "number").option("featuresCol", "vector").save(path("ints"));
    assertEquals(evens.orderBy("number").collectAsList(), sorted(read(path("ints"))));
    Dataset<Row> longs = evens.selectExpr("number * 10000000000L AS id", "vector AS features");
    writer(longs).save(path("longs"));
    assertEquals(sorted(longs), sorted(read(path("longs"))));
  }

  @Test
  void columnsArePrunedAndIdsPushedDown() {
    writer(strings(0, COUNT)).save(path("index"));
    Dataset<Row> items = read(path("index"));
    Dataset<Row> one = items.filter("id = 'id107'").select("features");
    String plan = one.queryExecution().executedPlan().toString();
    assertTrue(plan.contains("EqualTo(id,id107)"), plan);
    assertEquals(1, one.javaRDD().getNumPartitions());
    List<Float> vector = one.first().getList(0);
    for (int z = 0; z < 3; z++) {
      assertEquals(VECTORS[7][z], vector.get(z));
    }
    Dataset<Row> some = items.filter("id IN ('id103', 'nobody', 'id101')");
    assertEquals(1, some.javaRDD().getNumPartitions());
    assertEquals(List.of("id101", "id103"), ids(some));
    assertEquals(List.of(), ids(items.filter("id = 'nobody'")));
    assertEquals(List.of("id128", "id129"), ids(items.filter("id > 'id127'")));
    String pruned = items.select("id").queryExecution().executedPlan().toString();
    assertFalse(pruned.contains("features"), pruned);
  }

  private static List<String> ids(Dataset<Row> rows) {
    return sorted(rows).stream().map(row -> row.getString(0)).toList();
  }

  @Test
  void modesDoWhatTheyDoElsewhereInSpark() {
    String index = path("index");
    for (String mode : List.of("errorifexists", "ignore", "append", "overwrite")) {
      writer(strings(0, 5)).mode(mode).save(path("new-" + mode));
      assertEquals(sorted(strings(0, 5)), sorted(read(path("new-" + mode))), mode);
    }
    writer(strings(0, 5)).save(index);
    assertFault(
        "output "
            + index
            + ": exists already; the mode overwrite replaces the index that is there, append adds to"
            + " its items",
        () -> writer(strings(5, 9)).save(index));
    writer(strings(5, 9)).mode("ignore").save(index);
    writer(strings(5, 9)).option("metric", "dot").mode("ignore").save(index);
    assertEquals(sorted(strings(0, 5)), sorted(read(index)));
    strings(5, 9).write().format("annoy").mode("append").save(index);
    assertEquals(sorted(strings(0, 9)), sorted(read(index)));
    writer(strings(3, 5)).mode("overwrite").save(index);
    assertEquals(sorted(strings(3, 5)), sorted(read(index)));
    // What is read stays there while it is written over.
    writer(read(index).union(strings(0, 1))).mode("overwrite").save(index);
    assertEquals(sorted(strings(0, 1).union(strings(3, 5))), sorted(read(index)));
  }

  /** What is in the way is never removed: see docs/adr/0025. */
  @Test
  void modesLeaveOtherFilesAlone() throws IOException {
    for (String mode : List.of("errorifexists", "ignore", "append", "overwrite")) {
      Files.createDirectory(directory.resolve("empty-" + mode));
      writer(strings(0, 5)).mode(mode).save(path("empty-" + mode));
      assertEquals(5, read(path("empty-" + mode)).count(), mode);
    }
    Path other = Files.createDirectory(directory.resolve("other")).resolve("notes.txt");
    Files.writeString(other, "mine");
    for (String mode : List.of("errorifexists", "append", "overwrite")) {
      assertFault(
          "output file:"
              + path("other")
              + ": expected an index, an empty directory or nothing, found a directory with other"
              + " files, which is left alone",
          () -> writer(strings(0, 5)).mode(mode).save(path("other")));
    }
    writer(strings(0, 5)).mode("ignore").save(path("other"));
    writer(strings(0, 5)).mode("ignore").save(other.toString());
    assertEquals(List.of("notes.txt"), TestSpark.names(other.getParent()));
    assertEquals("mine", Files.readString(other));
  }

  @Test
  void appendingGivesTheIndexOfAllRows() throws IOException {
    writer(strings(0, COUNT)).option("seed", 3).save(path("appended"));
    strings(COUNT, 2 * COUNT).write().format("annoy").mode("append").save(path("appended"));
    writer(strings(0, 2 * COUNT)).option("seed", 3).save(path("whole"));
    try (Stream<Path> files = Files.list(directory.resolve("appended"))) {
      Path latest =
          files.filter(f -> f.toString().endsWith(".ann")).sorted().reduce((a, b) -> b).get();
      assertEquals(TestSpark.sha256(file("whole")), TestSpark.sha256(latest));
    }
  }

  @Test
  void appendingKeepsTheNumberOfTheFirstTree() throws IOException {
    String index = path("later");
    new IndexBuild().trees(TreeCount.of(2)).seed(3).firstTree(25).run(strings(0, COUNT), index);
    Dataset<Row> more = strings(COUNT, 2 * COUNT);
    more.write().format("annoy").mode("append").save(index);
    assertEquals(List.of(new SeededTrees(3, 25, 2)), metadata(index).grown());
    more.selectExpr("concat(id, 'b') AS id", "features")
        .write()
        .format("annoy")
        .option("seed", 4)
        .mode("append")
        .save(index);
    assertEquals(List.of(new SeededTrees(4, 0, 2)), metadata(index).grown());
  }

  @Test
  void appendingKeepsTheNormCap() throws IOException {
    String index = path("capped");
    writer(strings(0, COUNT)).option("metric", "dot").option("dotNormCap", "100").save(index);
    strings(COUNT, 2 * COUNT).write().format("annoy").mode("append").save(index);
    assertEquals("100", metadata(index).parameters().get("dotNormCap"));
  }

  /** By a row of the append itself, so that neither is lost. */
  @Test
  void appendingDoesNotReplaceWhatIsPublishedMeanwhile() throws IOException {
    String index = path("index");
    Path inForce = Path.of(index, "metadata.json");
    writer(strings(0, 5)).save(index);
    byte[] first = Files.readAllBytes(inForce);
    writer(strings(20, 22)).mode("overwrite").save(index);
    byte[] second = Files.readAllBytes(inForce);
    Files.write(inForce, first);
    Dataset<Row> publishing =
        strings(5, 9)
            .repartition(1)
            .map(publishing(inForce.toString(), second), Encoders.row(strings(0, 1).schema()));
    Exception refusal =
        assertThrows(
            Exception.class, () -> publishing.write().format("annoy").mode("append").save(index));
    assertTrue(refusal.getMessage().contains("which this one goes on from"), refusal.getMessage());
    assertEquals(sorted(strings(20, 22)), sorted(read(index)));
  }

  /** What is sent to tasks must not hold this test. */
  private static MapFunction<Row, Row> publishing(String file, byte[] metadata) {
    return row -> {
      Files.write(Path.of(file), metadata);
      return row;
    };
  }

  @Test
  void tablesAreMadeAndRead() {
    SparkSession session = TestSpark.session();
    try {
      writer(strings(0, 7)).option("path", path("table")).saveAsTable("annoy_saved");
      assertEquals(sorted(strings(0, 7)), sorted(session.table("annoy_saved")));
      session.sql(
          "CREATE TABLE annoy_selected USING annoy OPTIONS (numTrees 'auto', path '"
              + path("selected")
              + "') AS SELECT * FROM annoy_saved WHERE id > 'id102'");
      assertEquals(sorted(strings(3, 7)), sorted(session.table("annoy_selected")));
    } finally {
      session.sql("DROP TABLE IF EXISTS annoy_saved");
      session.sql("DROP TABLE IF EXISTS annoy_selected");
    }
  }

  /** Rows of a table are named as it names them, whatever it was made of. */
  @Test
  void tablesAreAddedTo() {
    SparkSession session = TestSpark.session();
    try {
      writer(strings(0, 7).selectExpr("id AS name", "features AS vector"))
          .option("idCol", "name")
          .option("featuresCol", "vector")
          .option("path", path("added"))
          .saveAsTable("annoy_added");
      assertEquals(7, session.table("annoy_added").count());
      strings(7, 9).write().format("annoy").mode("append").saveAsTable("annoy_added");
      assertEquals(sorted(strings(0, 9)), sorted(session.table("annoy_added")));
      strings(9, 12).createOrReplaceTempView("annoy_more");
      session.sql("INSERT INTO annoy_added SELECT * FROM annoy_more");
      assertEquals(sorted(strings(0, 12)), sorted(session.table("annoy_added")));
      session.sql("INSERT OVERWRITE annoy_added SELECT * FROM annoy_more");
      assertEquals(sorted(strings(9, 12)), sorted(session.table("annoy_added")));
    } finally {
      session.sql("DROP TABLE IF EXISTS annoy_added");
      session.catalog().dropTempView("annoy_more");
    }
  }

  @Test
  void insertingKeepsWhatTheIndexIs() throws IOException {
    SparkSession session = TestSpark.session();
    String index = path("kept");
    try {
      // Not what the table was made with, if the index has changed since.
      writer(strings(0, 5)).option("path", index).saveAsTable("annoy_kept");
      writer(strings(0, 5)).option("numTrees", 3).option("seed", 8).mode("overwrite").save(index);
      session.sql("INSERT OVERWRITE annoy_kept SELECT 'x' id, array(1F, 2F, 3F) features");
      assertFault(
          "column 'id': expected every id once, found 1 id more than once (id 'x')",
          () -> session.sql("INSERT INTO annoy_kept SELECT 'x', array(1F, 2F, 3F)"));
      assertFault(
          "column 'id': expected an id in every row, found null in 1",
          () -> session.sql("INSERT INTO annoy_kept SELECT NULL, array(1F, 2F, 3F)"));
      assertEquals(List.of("x"), ids(session.table("annoy_kept")));
      IndexMetadata kept = metadata(index);
      assertEquals("euclidean", kept.metric());
      assertEquals(3, kept.trees());
      assertEquals(8, kept.seed());
    } finally {
      session.sql("DROP TABLE IF EXISTS annoy_kept");
    }
  }

  /** Each query of the build that is in force by then, however many there have been. */
  @Test
  void whatIsReadFollowsTheIndex() throws IOException {
    String index = path("followed");
    writer(strings(0, 5)).save(index);
    Dataset<Row> items = read(index);
    assertEquals(5, items.count());
    for (int more = 6; more < 9; more++) {
      writer(strings(0, more)).mode("overwrite").save(index);
      assertEquals(more, items.count());
      assertEquals(List.of("id104"), ids(items.filter("id = 'id104'")));
    }
    writer(strings(0, 5).selectExpr("1 AS id", "features").limit(1)).mode("overwrite").save(index);
    assertFault(
        index
            + ": expected ids of type string, as when the table was made, found int; read it again, or"
            + " make the table or view anew",
        items::count);
    assertEquals(1, read(index).count());
  }

  /** As Spark does for its own files. */
  @Test
  void whatIsCachedIsReadAnewWhenTheIndexIsWritten() {
    String index = path("cached");
    writer(strings(0, 5)).save(index);
    SparkSession session = TestSpark.session();
    try {
      session.sql("CREATE TABLE annoy_cached USING annoy OPTIONS (path '" + index + "')");
      session.sql("CACHE TABLE annoy_cached");
      assertEquals(5, session.table("annoy_cached").count());
      writer(strings(0, 7)).mode("overwrite").save(index);
      assertEquals(7, session.table("annoy_cached").count());
      session.sql("INSERT INTO annoy_cached SELECT 'x', array(1F, 2F, 3F)");
      assertEquals(8, session.table("annoy_cached").count());
      assertTrue(session.catalog().isCached("annoy_cached"));
    } finally {
      session.sql("DROP TABLE IF EXISTS annoy_cached");
    }
  }

  private static IndexMetadata metadata(String index) throws IOException {
    return IndexMetadata.parse("", Files.readAllBytes(Path.of(index, "metadata.json")));
  }

  @Test
  void appendingWhatDoesNotFitLeavesTheIndex() {
    String index = path("index");
    writer(strings(0, 5)).save(index);
    assertFault(
        "option 'metric': expected euclidean, as the index has, found dot",
        () -> writer(strings(5, 9)).option("metric", "dot").mode("append").save(index));
    assertFault(
        "column 'id': expected ids like the index's, string, found int",
        () -> writer(strings(5, 9).selectExpr("1 AS id", "features")).mode("append").save(index));
    assertFault(
        "column 'id': expected every id once, found 1 id more than once (id 'id104')",
        () -> writer(strings(4, 9)).mode("append").save(index));
    // More of them than of the index's own.
    assertFault(
        "column 'features': expected vectors of dimension 3, as the index has, found 20 of length 2"
            + " (ids 'id108', 'id109', 'id110', …)",
        () ->
            writer(strings(8, 28).selectExpr("id", "slice(features, 1, 2) AS features"))
                .mode("append")
                .save(index));
    assertEquals(sorted(strings(0, 5)), sorted(read(index)));
  }

  @Test
  void optionsAreChecked() {
    Map<String, String> faults =
        Map.of(
            "trees",
            "option 'trees': expected one of path, metric, dimension, numTrees, seed, dotLayout,"
                + " dotNormCap, idCol, featuresCol; the nearest is numTrees",
            "numtree",
            "option 'numtree': expected one of path, metric, dimension, numTrees, seed, dotLayout,"
                + " dotNormCap, idCol, featuresCol; the nearest is numTrees",
            "metric",
            "metric: expected one of angular, euclidean, manhattan, dot, hamming, found 'x'",
            "seed",
            "option 'seed': expected a whole number, found 'x'",
            "numTrees",
            "option 'numTrees': expected a whole number, found 'x'",
            "dotLayout",
            "dot layout: expected one of 1.17, main, found 'x'",
            "dotNormCap",
            "dot norm cap: expected auto, or a percentage above 0 and up to 100, found x");
    faults.forEach(
        (option, message) ->
            assertFault(
                message, () -> writer(strings(0, 5)).option(option, "x").save(path("index"))));
    assertFault(
        "trees: expected 1 or more, or auto, found 0",
        () -> writer(strings(0, 5)).option("numTrees", 0).save(path("index")));
    assertFault(
        "column 'vec': expected among the input's columns, found only id string, features"
            + " array<float>",
        () -> writer(strings(0, 5)).option("featuresCol", "vec").save(path("index")));
    assertFault(
        "option 'path': expected the URI of an index, found none",
        () -> writer(strings(0, 5)).save());
    assertFault(
        "partitionBy: expected no columns, for an index is one file, found [\"id\"]",
        () -> writer(strings(0, 5)).partitionBy("id").save(path("index")));
    assertFault(
        "option 'metrik': expected one of path, metric, dimension, numTrees, seed, dotLayout,"
            + " dotNormCap, idCol, featuresCol; the nearest is metric",
        () -> TestSpark.session().read().format("annoy").option("metrik", "dot").load("x"));
    assertFault("file:" + path("none") + ": no such file or directory", () -> read(path("none")));
    assertFalse(Files.exists(directory.resolve("index")));
  }

  private static void assertFault(String message, Executable executable) {
    assertEquals(message, assertThrows(RuntimeException.class, executable).getMessage());
  }

  @Test
  void bareFilesAndSqlCanBeRead() throws IOException {
    writer(TestSpark.items(TestSpark.numbers(5), java.util.Arrays.copyOf(VECTORS, 5)))
        .save(path("index"));
    SparkSession session = TestSpark.session();
    Dataset<Row> bare =
        session
            .read()
            .format("annoy")
            .option("metric", "euclidean")
            .option("dimension", 3)
            .load(file("index").toString());
    assertEquals(sorted(read(path("index"))), sorted(bare));
    try {
      session.sql(
          "CREATE TABLE annoy_bare USING annoy OPTIONS (metric 'euclidean', dimension 3, path '"
              + file("index")
              + "')");
      assertEquals(5, session.table("annoy_bare").count());
      assertFault(
          file("index").toUri().toString().replace("file:///", "file:/")
              + ": expected the directory of an index to write rows to, found a bare Annoy file",
          () -> session.sql("INSERT INTO annoy_bare SELECT 9, array(1F, 2F, 3F)"));
    } finally {
      session.sql("DROP TABLE IF EXISTS annoy_bare");
    }
    session.sql(
        "CREATE OR REPLACE TEMPORARY VIEW words USING annoy OPTIONS (path '"
            + path("index")
            + "')");
    assertEquals(5, session.sql("SELECT * FROM words").count());
  }
}
