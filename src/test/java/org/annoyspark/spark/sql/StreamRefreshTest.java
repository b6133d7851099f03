package org.annoyspark.spark.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.TestSpark;
import org.annoyspark.storage.AnnoyConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.ApplyFunctionExpression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark applies its rules to a plan again and again, while builds are published. */
class StreamRefreshTest {

  private static final Pattern BUILD = Pattern.compile("index-\\w+-\\w+\\.ann");

  @TempDir Path directory;
  private String index;
  private String first;

  @BeforeEach
  void build() throws IOException {
    index = directory.resolve("index").toString();
    first = publish();
    SparkSession session = TestSpark.session();
    session.conf().set(AnnoyConf.SQL_REFRESH, "true");
    session
        .readStream()
        .format("rate")
        .load()
        .selectExpr("value", "array_repeat(value, 4) AS features")
        .createOrReplaceTempView("stream");
    items().repartition(2).createOrReplaceTempView("seeds");
  }

  @AfterEach
  void defaults() {
    TestSpark.session().conf().unset(AnnoyConf.SQL_REFRESH);
  }

  private static Dataset<Row> items() {
    return TestSpark.items(TestSpark.numbers(20), TestSpark.vectors(20, 4, 3));
  }

  private String publish() throws IOException {
    return new IndexBuild().overwrite(true).run(items(), index).metadata().file().name();
  }

  private LogicalPlan analysed(String query) {
    return TestSpark.session()
        .sql(query.replace("INDEX", "'" + index + "'"))
        .queryExecution()
        .analyzed();
  }

  private static LogicalPlan refreshed(LogicalPlan plan) {
    return new StreamRefresh().apply(plan);
  }

  /** The builds that a plan's functions ask, by what they say of themselves. */
  private static List<String> builds(LogicalPlan plan) {
    StringBuilder names = new StringBuilder();
    plan.transformAllExpressionsWithSubqueries(
        TreeFunction.eachOf(
            part -> {
              if (part instanceof ApplyFunctionExpression call) {
                names.append(call.function().canonicalName()).append(' ');
              } else if (part instanceof NeighborsGenerator generator) {
                names.append(generator.function().canonicalName()).append(' ');
              }
              return part;
            }));
    return BUILD.matcher(names).results().map(found -> found.group()).distinct().toList();
  }

  @Test
  void aBatchKeepsTheBuildThatWasChosenFirst() throws IOException {
    LogicalPlan plan =
        analysed(
            "SELECT annoy_neighbors(INDEX, features, 3) AS n, annoy_vector(INDEX, value) AS v"
                + " FROM stream");
    // Also if that is the one of when the query was analysed.
    LogicalPlan ofFirst = refreshed(plan);
    assertEquals(List.of(first), builds(ofFirst));
    String second = publish();
    assertNotEquals(first, second);
    assertSame(ofFirst, refreshed(ofFirst));
    assertEquals(List.of(second), builds(refreshed(plan)));
  }

  @Test
  void callsInSubqueriesMoveToo() throws IOException {
    String query =
        "SELECT annoy_neighbors(INDEX, features, 3) AS n FROM stream WHERE value NOT IN"
            + " (SELECT explode(annoy_neighbors_by_id(INDEX, id, 3).id) FROM seeds)";
    LogicalPlan plan = analysed(query);
    LogicalPlan looksUpTogether =
        (LogicalPlan)
            plan.transformAllExpressions(
                TreeFunction.eachOf(
                    part ->
                        part instanceof SubqueryExpression inner
                            ? inner.withNewPlan(
                                new BatchedLookups().apply((LogicalPlan) inner.plan()))
                            : part));
    String second = publish();
    for (LogicalPlan each : List.of(plan, looksUpTogether)) {
      assertEquals(List.of(first), builds(each));
      assertEquals(List.of(second), builds(refreshed(each)));
    }
    assertTrue(refreshed(looksUpTogether).toString().contains("many rows together"));
  }

  @Test
  void whatIsNoStreamStays() throws IOException {
    LogicalPlan plan = analysed("SELECT annoy_neighbors(INDEX, features, 3) AS n FROM seeds");
    publish();
    assertSame(plan, refreshed(plan));
  }
}
