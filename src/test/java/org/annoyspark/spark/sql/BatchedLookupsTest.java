package org.annoyspark.spark.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.KnnJoin;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.streaming.continuous.WriteToContinuousDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.jdk.javaapi.CollectionConverters;

/** Queries give the same whether rows are looked up together or one by one. */
class BatchedLookupsTest {

  private static final String BATCH_BYTES = "spark.annoy.join.batch.bytes";
  private static final String EXCLUDED_RULES = "spark.sql.optimizer.excludedRules";
  private static final int COUNT = 3000;
  private static final AtomicLong ROWS_READ = new AtomicLong();

  @TempDir static Path directory;
  private static String index;

  @BeforeAll
  static void build() throws IOException {
    index =
        new IndexBuild()
            .trees(TreeCount.of(3))
            .run(items(), directory.resolve("index").toString())
            .uri();
    // Not in memory, where the optimizer would compute what it can.
    items()
        .repartition(3)
        .selectExpr("id", "IF(id % 7 = 0, NULL, features) AS features", "id * 2 AS twice")
        .write()
        .parquet(directory.resolve("queries.parquet").toString());
  }

  @BeforeEach
  void view() {
    TestSpark.session()
        .read()
        .parquet(directory.resolve("queries.parquet").toString())
        .createOrReplaceTempView("queries");
  }

  @AfterEach
  void defaults() {
    TestSpark.session().conf().unset(BATCH_BYTES);
    TestSpark.session().conf().unset(EXCLUDED_RULES);
  }

  private static Dataset<Row> items() {
    return TestSpark.items(TestSpark.numbers(COUNT), TestSpark.vectors(COUNT, 8, 4));
  }

  private static Dataset<Row> sql(String query) {
    return TestSpark.session().sql(query.replace("INDEX", "'" + index + "'"));
  }

  private static String planOf(String query) {
    return sql(query).queryExecution().optimizedPlan().toString();
  }

  private static boolean isBatched(String query) {
    return planOf(query).contains("many rows together");
  }

  /** In batches of several sizes, and without: what each row's own lookup gives. */
  private static void assertSameRows(String query) {
    assertTrue(isBatched(query), planOf(query));
    // A condition that is always true, and that Spark does not see through.
    String oneByOne = query.replaceAll("(annoy_\\w+\\([^()]*\\))", "IF(twice > -1, $1, NULL)");
    assertFalse(isBatched(oneByOne), planOf(oneByOne));
    List<Row> expected = sql(oneByOne).collectAsList();
    assertFalse(expected.isEmpty());
    for (String bytes : List.of("1", "64m")) {
      TestSpark.session().conf().set(BATCH_BYTES, bytes);
      assertEquals(expected, sql(query).collectAsList(), bytes);
    }
  }

  @Test
  void selectedAsItIs() {
    assertSameRows("SELECT *, annoy_neighbors(INDEX, features, 3) AS n FROM queries");
    assertSameRows("SELECT annoy_neighbors(INDEX, features, 3, 20) AS n FROM queries");
    assertSameRows("SELECT id + 1 AS next, annoy_neighbors(INDEX, features, 3) n, id FROM queries");
  }

  /** Some ids are no item's, and some are NULL. */
  @Test
  void byId() {
    assertSameRows("SELECT *, annoy_neighbors_by_id(INDEX, twice, 3) AS n FROM queries");
    assertSameRows(
        "SELECT twice, annoy_neighbors_by_id(INDEX, if_odd, 3) AS n"
            + " FROM (SELECT *, nullif(id % 100, 7) AS if_odd FROM queries)");
    assertSameRows(
        "SELECT id, p, n.id AS near FROM queries"
            + " LATERAL VIEW OUTER posexplode(annoy_neighbors_by_id(INDEX, twice, 3, 20)) AS p, n");
    assertSameRows(
        "SELECT annoy_neighbors_by_id(INDEX, twice, 3) AS a, annoy_neighbors(INDEX, features, 3) AS"
            + " b, id FROM queries");
  }

  @Test
  void insideOtherExpressions() {
    assertSameRows("SELECT id, struct(id, annoy_neighbors(INDEX, features, 3)) AS n FROM queries");
    assertSameRows("SELECT id, size(annoy_neighbors(INDEX, features, 3)) AS n FROM queries");
    assertSameRows(
        "SELECT transform(annoy_neighbors(INDEX, features, 3), x -> x.id + twice) n FROM queries");
  }

  @Test
  void aggregated() {
    assertSameRows("SELECT max(annoy_neighbors(INDEX, features, 3)[1].distance) n FROM queries");
    assertSameRows(
        "SELECT id % 5 AS g, annoy_neighbors(INDEX, features, 3)[0].id % 3 AS h, count(*)"
            + " FROM queries GROUP BY g, h ORDER BY g, h");
  }

  @Test
  void severalInOneRow() {
    assertSameRows(
        "SELECT annoy_neighbors(INDEX, features, 2) AS a, id, annoy_neighbors(INDEX, features, 4) b,"
            + " annoy_neighbors(INDEX, features, 2)[0].id c FROM queries");
  }

  @Test
  void exploded() {
    assertSameRows(
        "SELECT id, twice, n.id AS near, n.distance FROM queries"
            + " LATERAL VIEW explode(annoy_neighbors(INDEX, features, 3)) AS n");
    assertSameRows(
        "SELECT features, id, p, n.id AS near FROM queries"
            + " LATERAL VIEW OUTER posexplode(annoy_neighbors(INDEX, features, 3)) AS p, n");
    assertSameRows("SELECT explode(annoy_neighbors(INDEX, features, 3)) FROM queries");
  }

  @Test
  void inSubqueriesAndJoins() {
    assertSameRows(
        "SELECT q.id, q.n, r.twice FROM (SELECT id, twice, annoy_neighbors(INDEX, features, 2) AS n"
            + " FROM queries WHERE id < 500) q JOIN queries r ON q.n[1].id = r.id ORDER BY q.id");
  }

  /**
   * Spark asks below an explode for neighbours that are there, and puts conditions below columns.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT id, explode(n) FROM (SELECT id, CALL AS n FROM queries)",
        "SELECT id, explode(n) FROM (SELECT id, CALL AS n FROM queries WHERE twice % 3 = 0)",
        "SELECT id, n FROM (SELECT id, CALL AS n FROM queries) WHERE n[1].distance < 1.1",
        "SELECT id FROM (SELECT id, CALL AS n FROM queries) WHERE n[1].distance < 1.1 AND id > 5",
        "SELECT q.id, q.n, r.twice FROM (SELECT id, CALL AS n FROM queries) q JOIN queries r"
            + " ON q.n[1].id = r.id ORDER BY q.id",
        "SELECT max(n[1].distance) FROM (SELECT CALL AS n FROM queries) WHERE n[1].id > 9",
      })
  void onceForARow(String query) {
    assertLookedUpOnce(query, "annoy_neighbors(INDEX, features, 3)");
    assertLookedUpOnce(query, "annoy_neighbors_by_id(INDEX, twice, 3)");
  }

  private static void assertLookedUpOnce(String query, String call) {
    String batched = query.replace("CALL", call);
    String plan = planOf(batched);
    // Of a condition alone, no row is looked up together with others.
    boolean isCondition = query.startsWith("SELECT id FROM");
    assertEquals(1, plan.split("annoy_neighbors", -1).length - 1, plan);
    assertEquals(!isCondition, plan.contains("many rows together"), plan);
    List<Row> expected =
        sql(query.replace("CALL", "IF(rand() >= 0, " + call + ", NULL)")).collectAsList();
    assertFalse(expected.isEmpty());
    assertEquals(expected, sql(batched).collectAsList());
  }

  /** What keeps rows away that cannot be looked up. */
  @Test
  void conditionsThatGuardAreAskedFirst() {
    items()
        .selectExpr("id", "IF(id % 2 = 0, array(1f), features) AS features")
        .write()
        .parquet(directory.resolve("guarded.parquet").toString());
    TestSpark.session()
        .read()
        .parquet(directory.resolve("guarded.parquet").toString())
        .createOrReplaceTempView("guarded");
    String call = "annoy_neighbors(INDEX, features, 3)";
    for (String guard :
        List.of(
            "size(features) = 8 AND n[1].distance < 1.1",
            "IF(size(features) = 8, n[1].distance < 1.1, false)")) {
      String query = "SELECT id, n FROM (SELECT *, " + call + " AS n FROM guarded) WHERE " + guard;
      assertTrue(isBatched(query), planOf(query));
      assertFalse(sql(query).collectAsList().isEmpty());
    }
  }

  /** Its own partitions one after the other are one task's. */
  @Test
  void severalPartitionsInOneTask() throws IOException {
    Dataset<Row> rows = items().repartition(5).coalesce(1);
    rows.createOrReplaceTempView("coalesced");
    assertEquals(
        new KnnJoin(3).run(rows, index).select("id", "neighbors").collectAsList(),
        sql("SELECT id, annoy_neighbors(INDEX, features, 3) AS neighbors FROM coalesced")
            .collectAsList());
  }

  /** There, it depends on other expressions whether a row is looked up, or on other rows. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "CASE WHEN size(features) = 8 THEN annoy_neighbors(INDEX, features, 3) END FROM queries",
        "twice = 2 AND size(annoy_neighbors(INDEX, features, 3)) = 1 FROM queries",
        "twice * annoy_neighbors(INDEX, features, 3)[0].distance FROM queries",
        "count(annoy_neighbors(INDEX, features, 3)) FILTER (WHERE id > 3) FROM queries",
        "annoy_neighbors(INDEX, first(features), 3) FROM queries GROUP BY id % 5",
        "features, annoy_neighbors(INDEX, features, 3) FROM queries GROUP BY features",
        "annoy_neighbors(INDEX, features, 3) FROM (SELECT DISTINCT features FROM queries)",
        "max(annoy_neighbors(INDEX, features, 3)[0].id), annoy_neighbors(INDEX, features, 3)"
            + " FROM queries GROUP BY features",
        "input_file_name(), annoy_neighbors(INDEX, features, 3) FROM queries",
        "id, annoy_neighbors(INDEX, features, 3) FROM (SELECT * FROM queries ORDER BY id LIMIT 5)",
      })
  void rowByRow(String query) {
    assertFalse(isBatched("SELECT " + query), planOf("SELECT " + query));
    assertFalse(sql("SELECT " + query).collectAsList().isEmpty());
  }

  /** A partition of it has no end that rows could wait for. */
  @Test
  void rowByRowInAContinuousStream() {
    TestSpark.session()
        .readStream()
        .format("rate")
        .load()
        .selectExpr("array_repeat(value, 8) AS features")
        .createOrReplaceTempView("stream");
    LogicalPlan stream =
        sql("SELECT annoy_neighbors(INDEX, features, 3) AS n FROM stream")
            .queryExecution()
            .analyzed();
    BatchedLookups rule = new BatchedLookups();
    assertTrue(rule.apply(stream).toString().contains("many rows together"));
    LogicalPlan continuous = new WriteToContinuousDataSource(null, stream, BatchedLookups.none());
    assertSame(continuous, rule.apply(continuous));
  }

  @Test
  void rowByRowWhereTheRuleIsExcluded() {
    String query = "SELECT id, annoy_neighbors(INDEX, features, 3) AS n FROM queries";
    assertTrue(isBatched(query), planOf(query));
    TestSpark.session().conf().set(EXCLUDED_RULES, BatchedLookups.class.getName());
    assertFalse(isBatched(query), planOf(query));
  }

  @Test
  void theFirstRowsComeWithoutTheRest() {
    ROWS_READ.set(0);
    items()
        .map(
            (MapFunction<Row, Row>)
                row -> {
                  ROWS_READ.incrementAndGet();
                  return row;
                },
            Encoders.row(items().schema()))
        .coalesce(1)
        .createOrReplaceTempView("counted");
    String query = "SELECT id, annoy_neighbors(INDEX, features, 3) AS n FROM counted LIMIT 5";
    assertTrue(isBatched(query), planOf(query));
    assertEquals(5, sql(query).collectAsList().size());
    assertTrue(ROWS_READ.get() < COUNT / 2, ROWS_READ + " rows read");
  }

  @Test
  void aVectorThatCannotBeLookedUpIsAFaultOfItsRow() {
    sql("SELECT id, IF(id = 200, array(1f), features) AS features FROM queries ORDER BY id")
        .coalesce(1)
        .write()
        .mode("overwrite")
        .parquet(directory.resolve("faulty.parquet").toString());
    String query =
        "SELECT id, annoy_neighbors(INDEX, features, 3) AS n FROM parquet.`"
            + directory.resolve("faulty.parquet")
            + "`";
    assertTrue(isBatched(query), planOf(query));
    assertEquals(5, sql(query + " LIMIT 5").collectAsList().size());
    Exception e = assertThrows(Exception.class, () -> sql(query).collectAsList());
    assertTrue(e.toString().contains("expected dimension 8"), e.toString());
  }

  @Test
  void columnsThatNobodyWantsAreNotRead() {
    String parquet = directory.resolve("queries.parquet").toString();
    String plan =
        sql("SELECT id, annoy_neighbors(INDEX, features, 3) AS n FROM parquet.`" + parquet + "`")
            .queryExecution()
            .executedPlan()
            .toString();
    assertTrue(plan.contains("many rows together"), plan);
    assertTrue(plan.contains("ReadSchema: struct<id:int,features:array<float>>"), plan);
  }

  @Test
  void aSessionThatIsGivenTheFunctionsLaterBatchesToo() {
    SparkSession session = TestSpark.session().newSession();
    AnnoyFunctions.register(session);
    AnnoyFunctions.register(session);
    assertEquals(
        AnnoyFunctions.RULES,
        CollectionConverters.asJava(
            session.sessionState().experimentalMethods().extraOptimizations()));
    TestSpark.session().table("queries").createOrReplaceGlobalTempView("later");
    String plan =
        session
            .sql("SELECT annoy_neighbors('" + index + "', features, 3) n FROM global_temp.later")
            .queryExecution()
            .optimizedPlan()
            .toString();
    assertTrue(plan.contains("many rows together"), plan);
  }
}
