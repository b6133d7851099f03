package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.ml.Annoy;
import org.annoyspark.spark.ml.AnnoyModel;
import org.annoyspark.storage.IndexAddress;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bad input of every kind at every door of the library: what is wrong is said on the driver, before
 * a task starts. The commands' are in {@code jobs.BadInputTest}.
 */
class BadInputTest {

  private static final String NO_VECTORS =
      "column 'features': expected array<float>, array<double> or an MLlib vector, found string";
  private static final String NO_COLUMN =
      "column 'vector': expected among the input's columns, found only id string, features"
          + " array<float>";
  private static final String NO_IDS = "column 'id': expected int, bigint or string, found double";
  private static final String OTHER_IDS =
      "column 'id': expected ids like the index's, string, to leave out each query itself, found"
          + " int";
  private static final String NO_LISTS =
      "column 'seen': expected lists of ids like the index's, array<string>, found array<int>";
  private static final String NO_METRIC =
      "metric: expected one of angular, euclidean, manhattan, dot, hamming, found 'cosine'";
  private static final String OTHER_DIMENSION =
      "column 'features': expected vectors of dimension 2, as the index has, found 3";
  private static final String OPTIONS =
      "path, metric, dimension, numTrees, seed, dotLayout, dotNormCap, idCol, featuresCol";

  @TempDir static Path directory;
  private static final StartedTasks LISTENER = new StartedTasks();
  private static SparkSession session;
  private static String index;

  /** As an address that has no index. */
  private static String none;

  private static String noIndex;

  @BeforeAll
  static void build() throws IOException {
    session = TestSpark.session();
    index = build("index", new float[][] {{1, 2}, {3, 4}});
    none = directory.resolve("none").toString();
    noIndex = "file:" + none + ": no such file or directory";
    sound().createOrReplaceTempView("bad_input");
    session.sparkContext().addSparkListener(LISTENER);
  }

  private static String build(String name, float[][] vectors) throws IOException {
    String path = directory.resolve(name).toString();
    new IndexBuild()
        .metric("euclidean")
        .trees(TreeCount.of(1))
        .run(TestSpark.items(List.of("a", "b"), vectors), path);
    return path;
  }

  @AfterAll
  static void stopListening() {
    session.sparkContext().removeSparkListener(LISTENER);
    session.catalog().dropTempView("bad_input");
  }

  /** A call that is refused; a message that ends in … need only begin so. */
  private record Cell(
      String door, String input, Class<? extends Throwable> kind, String message, Executable call) {

    @Override
    public String toString() {
      return door + ": " + input;
    }

    void check() throws Exception {
      assertEquals(List.of(), startedTasks(this::checkMessage), toString());
    }

    private void checkMessage() {
      String found = assertThrows(kind, call, toString()).getMessage();
      if (message.endsWith("…")) {
        String start = message.substring(0, message.length() - 1);
        assertEquals(
            start, found.substring(0, Math.min(start.length(), found.length())), toString());
      } else {
        assertEquals(message, found, toString());
      }
    }
  }

  private static List<String> startedTasks(Runnable call) throws Exception {
    StartedTasks.stages(session.sparkContext());
    StartedTasks.forget();
    call.run();
    return StartedTasks.stages(session.sparkContext());
  }

  private static Cell invalid(String door, String input, String message, Executable call) {
    return new Cell(door, input, InvalidInputException.class, message, call);
  }

  private static Cell illegal(String door, String input, String message, Executable call) {
    return new Cell(door, input, IllegalArgumentException.class, message, call);
  }

  private static Dataset<Row> sound() {
    return TestSpark.items(List.of("a", "b"), new float[][] {{1, 2}, {3, 4}});
  }

  private static Dataset<Row> textAsVectors() {
    return sound().selectExpr("id", "'1,2' features");
  }

  private static Dataset<Row> doubleIds() {
    return sound().selectExpr("1D id", "features");
  }

  private static Dataset<Row> intIds() {
    return sound().selectExpr("1 id", "features", "array(1) seen");
  }

  @Test
  void startedTasksAreSeen() throws Exception {
    assertNotEquals(List.of(), startedTasks(() -> sound().repartition(2).count()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"builds", "merges", "joins", "functions", "writes", "appends", "reads"})
  void isNamedBeforeATaskStarts(Cell cell) throws Exception {
    cell.check();
  }

  static Stream<Cell> builds() {
    String door = "IndexBuild";
    String output = directory.resolve("output").toString();
    return Stream.of(
        invalid(door, "vectors", NO_VECTORS, () -> new IndexBuild().run(textAsVectors(), output)),
        invalid(door, "ids", NO_IDS, () -> new IndexBuild().run(doubleIds(), output)),
        invalid(
            door,
            "no column",
            NO_COLUMN,
            () -> new IndexBuild().featuresColumn("vector").run(sound(), output)),
        illegal(door, "metric", NO_METRIC, () -> new IndexBuild().metric("cosine")));
  }

  static Stream<Cell> merges() throws IOException {
    String door = "ForestMerge";
    String output = directory.resolve("output").toString();
    String other = build("other", new float[][] {{1, 2, 3}, {4, 5, 6}});
    return Stream.of(
        new Cell(
            door,
            "no index",
            FileNotFoundException.class,
            noIndex,
            () -> new ForestMerge().index(index).index(none).run(session, output)),
        new Cell(
            door,
            "no index to add trees to",
            FileNotFoundException.class,
            noIndex,
            () -> new ForestMerge().index(none).moreTrees(1).run(session, output)),
        invalid(
            door,
            "dimension",
            other
                + ": expected 2 items of dimension 2, euclidean, ids string, mapped to item numbers,"
                + " as "
                + index
                + " has, found 2 items of dimension 3, euclidean, ids string, mapped to item"
                + " numbers",
            () -> new ForestMerge().index(index).index(other).run(session, output)));
  }

  static Stream<Cell> joins() {
    Dataset<Row> stream =
        session
            .readStream()
            .format("rate")
            .load()
            .selectExpr("1 id", "'1,2' features", "array(1) seen");
    return Stream.concat(
        Stream.concat(
            joins("KnnJoin of rows", textAsVectors(), intIds()),
            joins(
                "KnnJoin of a stream",
                stream,
                stream.selectExpr("id", "array(1D, 2D) features", "seen"))),
        similarItems());
  }

  private static Stream<Cell> joins(String door, Dataset<Row> texts, Dataset<Row> intIds) {
    IndexAddress.BareFile bare = new IndexAddress.BareFile("dot", 3, DotLayout.RELEASED);
    return Stream.of(
        invalid(door, "vectors", NO_VECTORS, () -> new KnnJoin(1).run(texts, index)),
        invalid(door, "ids", OTHER_IDS, () -> new KnnJoin(1).excludeSelf(true).run(intIds, index)),
        invalid(
            door, "lists", NO_LISTS, () -> new KnnJoin(1).allowColumn("seen").run(intIds, index)),
        invalid(
            door,
            "candidates",
            "candidate filter: column 'id': expected ids like the index's, string, found int",
            () -> new KnnJoin(1).candidateFilter(intIds()).run(intIds, index)),
        new Cell(
            door,
            "no index",
            FileNotFoundException.class,
            noIndex,
            () -> new KnnJoin(1).run(intIds, none)),
        illegal(
            door,
            "dimension",
            otherDimension(),
            () -> new KnnJoin(1).bareFile(bare).run(intIds, index)));
  }

  private static Stream<Cell> similarItems() {
    String door = "KnnJoin.similarItems";
    IndexAddress.BareFile bare = new IndexAddress.BareFile("dot", 3, DotLayout.RELEASED);
    return Stream.of(
        new Cell(
            door,
            "no index",
            FileNotFoundException.class,
            noIndex,
            () -> new KnnJoin(1).similarItems(session, none)),
        illegal(
            door,
            "dimension",
            otherDimension(),
            () -> new KnnJoin(1).bareFile(bare).similarItems(session, index)),
        invalid(
            door,
            "candidates",
            "candidate filter: column 'id': expected ids like the index's, string, found int",
            () -> new KnnJoin(1).candidateFilter(intIds()).similarItems(session, index)));
  }

  private static String otherDimension() {
    return "file:"
        + index
        + ": expected dot of dimension 3, as given, found euclidean of dimension 2";
  }

  static Stream<Cell> functions() {
    String otherId = ": expected an id like the index's, string, found ";
    String noVector =
        "annoy_neighbors: vector: expected array<float>, array<double> or an MLlib vector, found ";
    return Stream.concat(
        Stream.of(
            sql("annoy_neighbors(INDEX, id, 1)", noVector + "string"),
            sql("annoy_neighbors(INDEX, array(true), 1)", noVector + "array<boolean>"),
            sql(
                "annoy_neighbors(INDEX, array(1, 2, 3), 1)",
                "annoy_neighbors: vector: expected dimension 2, as the index has, found 3"),
            sql(
                "annoy_neighbors(INDEX, features, 1D)",
                "annoy_neighbors: k: expected an int, found double"),
            sql(
                "annoy_neighbors_by_id(INDEX, 7, 1)",
                "annoy_neighbors_by_id: id" + otherId + "int"),
            sql(
                "annoy_neighbors_by_id(INDEX, id, 'x')",
                "annoy_neighbors_by_id: k: expected an int, found string"),
            sql(
                "annoy_neighbors_by_id(INDEX, id, 1, 0.5)",
                "annoy_neighbors_by_id: search_k: expected an int, found decimal(1,1)"),
            sql("annoy_vector(INDEX, 7)", "annoy_vector: id" + otherId + "int"),
            sql("annoy_distance(INDEX, 7, id)", "annoy_distance: id1" + otherId + "int"),
            sql("annoy_distance(INDEX, id, 7D)", "annoy_distance: id2" + otherId + "double")),
        Stream.of(
                "annoy_neighbors(NONE, features, 1)",
                "annoy_neighbors_by_id(NONE, id, 1)",
                "annoy_vector(NONE, id)",
                "annoy_distance(NONE, id, id)")
            .map(BadInputTest::sqlWithoutIndex));
  }

  private static Cell sql(String call, String message) {
    return invalid("SQL", call, message, () -> analyse(call));
  }

  private static Cell sqlWithoutIndex(String call) {
    String function = call.substring(0, call.indexOf('('));
    return new Cell(
        "SQL", call, UncheckedIOException.class, function + ": " + noIndex, () -> analyse(call));
  }

  private static void analyse(String call) {
    String bound = call.replace("INDEX", "'" + index + "'").replace("NONE", "'" + none + "'");
    session.sql("SELECT " + bound + " FROM bad_input");
  }

  static Stream<Cell> writes() {
    String door = "write";
    return Stream.of(
        invalid(door, "vectors", NO_VECTORS, () -> write(textAsVectors())),
        invalid(door, "ids", NO_IDS, () -> write(doubleIds())),
        invalid(door, "no column", NO_COLUMN, () -> write(sound(), "featuresCol", "vector")),
        illegal(door, "metric", NO_METRIC, () -> write(sound(), "metric", "cosine")),
        illegal(
            door,
            "number",
            "option 'numTrees': expected a whole number, found 'ten'",
            () -> write(sound(), "numTrees", "ten")),
        illegal(
            door,
            "option",
            "option 'numtree': expected one of " + OPTIONS + "; the nearest is numTrees",
            () -> write(sound(), "numTree", "3")),
        illegal(
            door,
            "another option",
            "option 'dotlayouts': expected one of " + OPTIONS + "; the nearest is dotLayout",
            () -> write(sound(), "dotLayouts", "main")));
  }

  private static void write(Dataset<Row> rows, String... option) {
    writer(rows, option).save(directory.resolve("written").toString());
  }

  private static DataFrameWriter<Row> writer(Dataset<Row> rows, String... option) {
    DataFrameWriter<Row> writer = rows.write().format("annoy");
    return option.length > 0 ? writer.option(option[0], option[1]) : writer;
  }

  static Stream<Cell> appends() {
    String door = "append";
    Dataset<Row> intIds = intIds().select("id", "features");
    return Stream.of(
        invalid(door, "vectors", NO_VECTORS, () -> append(textAsVectors())),
        invalid(
            door,
            "ids",
            "column 'id': expected ids like the index's, string, found int",
            () -> append(intIds)),
        illegal(
            door,
            "metric",
            "option 'metric': expected euclidean, as the index has, found dot",
            () -> append(sound(), "metric", "dot")),
        illegal(
            door,
            "dimension",
            "option 'dimension': expected 2, as the index has, found 3",
            () -> append(sound(), "dimension", "3")));
  }

  private static void append(Dataset<Row> rows, String... option) {
    writer(rows, option).mode("append").save(index);
  }

  static Stream<Cell> reads() {
    String door = "read";
    return Stream.of(
        new Cell(door, "no index", UncheckedIOException.class, noIndex, () -> read(none)),
        illegal(
            door,
            "option",
            "option 'dimensions': expected one of " + OPTIONS + "; the nearest is dimension",
            () -> read(index, "dimensions", "2")),
        illegal(door, "metric", NO_METRIC, () -> read(index, "metric", "cosine")),
        illegal(
            door,
            "another metric",
            "option 'metric': expected euclidean, as the index has, found dot",
            () -> read(index, "metric", "dot")),
        illegal(
            door,
            "trees",
            "option 'numTrees': expected a whole number, found 'ten'",
            () -> read(index, "numTrees", "ten")),
        illegal(
            door,
            "number",
            "option 'dimension': expected a whole number, found 'two'",
            () -> read(index, "metric", "dot", "dimension", "two")),
        illegal(
            door,
            "dimension",
            otherDimension(),
            () -> read(index, "metric", "dot", "dimension", "3")));
  }

  private static void read(String path, String... options) {
    DataFrameReader reader = session.read().format("annoy");
    for (int i = 0; i < options.length; i += 2) {
      reader.option(options[i], options[i + 1]);
    }
    reader.load(path);
  }

  /** Apart, and with no class of it in a signature, for there may be no Spark ML. */
  @Nested
  @Tag("mllib")
  class SparkMl {

    @ParameterizedTest(name = "{0}")
    @MethodSource({"estimators", "models"})
    void isNamedBeforeATaskOfItStarts(Cell cell) throws Exception {
      cell.check();
    }

    static Stream<Cell> estimators() {
      String fit = "Annoy.fit";
      String schema = "Annoy.transformSchema";
      return Stream.of(
          invalid(fit, "vectors", NO_VECTORS, () -> new Annoy().fit(textAsVectors())),
          invalid(fit, "ids", NO_IDS, () -> new Annoy().fit(doubleIds())),
          invalid(
              fit, "no column", NO_COLUMN, () -> new Annoy().setFeaturesCol("vector").fit(sound())),
          illegal(fit, "metric", NO_METRIC, () -> new Annoy().setMetric("cosine").fit(sound())),
          invalid(
              schema,
              "vectors",
              NO_VECTORS,
              () -> new Annoy().transformSchema(textAsVectors().schema())),
          invalid(schema, "ids", NO_IDS, () -> new Annoy().transformSchema(doubleIds().schema())),
          invalid(
              schema,
              "no column",
              NO_COLUMN,
              () -> new Annoy().setFeaturesCol("vector").transformSchema(sound().schema())));
    }

    /** Vectors of which MLlib has noted that they have three numbers. */
    private static Dataset<Row> assembled() {
      return new VectorAssembler()
          .setInputCols(new String[] {"x", "y", "z"})
          .setOutputCol("features")
          .transform(session.sql("SELECT 'a' id, 1D x, 2D y, 3D z"));
    }

    static Stream<Cell> models() {
      String transform = "AnnoyModel.transform";
      String schema = "AnnoyModel.transformSchema";
      return Stream.of(
          invalid(
              transform,
              "vectors",
              NO_VECTORS,
              () -> new AnnoyModel().setIndexPath(index).transform(textAsVectors())),
          invalid(
              transform,
              "no column",
              NO_COLUMN,
              () -> new AnnoyModel().setIndexPath(index).setQueryCol("vector").transform(sound())),
          invalid(
              transform,
              "ids",
              OTHER_IDS,
              () -> new AnnoyModel().setIndexPath(index).setExcludeSelf(true).transform(intIds())),
          invalid(
              transform,
              "allowed ids",
              NO_LISTS,
              () -> new AnnoyModel().setIndexPath(index).setAllowCol("seen").transform(intIds())),
          invalid(
              transform,
              "excluded ids",
              NO_LISTS,
              () -> new AnnoyModel().setIndexPath(index).setExcludeCol("seen").transform(intIds())),
          invalid(
              transform,
              "dimension",
              OTHER_DIMENSION,
              () -> new AnnoyModel().setIndexPath(index).transform(assembled())),
          invalid(
              schema,
              "dimension",
              OTHER_DIMENSION,
              () -> new AnnoyModel().setIndexPath(index).transformSchema(assembled().schema())),
          invalid(
              "SQL",
              "dimension of MLlib's vectors",
              "annoy_neighbors: vector: expected dimension 2, as the index has, found 3",
              () -> assembled().selectExpr("annoy_neighbors('" + index + "', features, 1) near")),
          new Cell(
              transform,
              "no table",
              AnalysisException.class,
              "[TABLE_OR_VIEW_NOT_FOUND] The table or view `nowhere` cannot be found.…",
              () ->
                  new AnnoyModel()
                      .setIndexPath(index)
                      .setCandidateFilter("nowhere")
                      .transform(sound())),
          new Cell(
              transform,
              "no index",
              UncheckedIOException.class,
              noIndex,
              () -> new AnnoyModel().setIndexPath(none).transform(sound())),
          invalid(
              schema,
              "vectors",
              NO_VECTORS,
              () -> new AnnoyModel().setIndexPath(index).transformSchema(textAsVectors().schema())),
          invalid(
              schema,
              "ids",
              OTHER_IDS,
              () ->
                  new AnnoyModel()
                      .setIndexPath(index)
                      .setExcludeSelf(true)
                      .transformSchema(intIds().schema())),
          new Cell(
              schema,
              "no index",
              UncheckedIOException.class,
              noIndex,
              () -> new AnnoyModel().setIndexPath(none).transformSchema(sound().schema())),
          new Cell(
              "AnnoyModel.similarItems",
              "no index",
              UncheckedIOException.class,
              noIndex,
              () -> new AnnoyModel().setIndexPath(none).similarItems(1)),
          new Cell(
              "AnnoyModel.similarItems",
              "no table",
              AnalysisException.class,
              "[TABLE_OR_VIEW_NOT_FOUND] The table or view `nowhere` cannot be found.…",
              () ->
                  new AnnoyModel()
                      .setIndexPath(index)
                      .setCandidateFilter("nowhere")
                      .similarItems(1)));
    }
  }
}
