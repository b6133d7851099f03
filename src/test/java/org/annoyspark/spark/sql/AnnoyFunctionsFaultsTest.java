package org.annoyspark.spark.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.TestSpark;
import org.annoyspark.storage.AnnoyConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be asked is said while the query is analysed: nothing here runs a query. */
class AnnoyFunctionsFaultsTest {

  @TempDir static Path directory;
  private static String index;

  @BeforeAll
  static void build() throws IOException {
    float[][] vectors = {{1, 2}, {3, 4}};
    index =
        new IndexBuild()
            .trees(TreeCount.of(1))
            .run(TestSpark.items(List.of("a", "b"), vectors), directory + "/index")
            .uri();
    TestSpark.items(List.of("a", "b"), vectors).createOrReplaceTempView("queries");
  }

  /** {@code INDEX} stands for the index's URI. */
  private static Dataset<Row> analyse(String call) {
    return TestSpark.session()
        .sql("SELECT " + call.replace("INDEX", "'" + index + "'") + " FROM queries");
  }

  private static void assertFault(String message, String call) {
    Exception e = assertThrows(RuntimeException.class, () -> analyse(call));
    assertEquals(message, e.getMessage());
  }

  @Test
  void theNumberOfArguments() {
    assertFault(
        "annoy_neighbors: expected 3 or 4 arguments, index, vector, k, search_k, found 2",
        "annoy_neighbors(INDEX, features)");
    assertFault(
        "annoy_vector: expected 2 arguments, index, id, found 3", "annoy_vector(INDEX, 'a', 1)");
  }

  @Test
  void theIndex() {
    assertFault(
        "annoy_neighbors: file:" + directory + "/none: no such file or directory",
        "annoy_neighbors('" + directory + "/none', features, 1)");
    assertFault(
        "annoy_vector: index: expected a constant, found queries.id", "annoy_vector(id, 'a')");
    assertFault(
        "annoy_vector: index: expected a constant, found NULL",
        "annoy_vector(CAST(NULL AS string), 'a')");
    assertFault(
        "annoy_distance: index: expected the URI of an index, found int",
        "annoy_distance(1, 'a', 'b')");
  }

  @Test
  void numbers() {
    assertFault(
        "annoy_neighbors: k: expected 1 or more, found 0", "annoy_neighbors(INDEX, features, 0)");
    assertFault(
        "annoy_neighbors_by_id: k: expected 1 or more, found -3",
        "annoy_neighbors_by_id(INDEX, id, -3)");
    assertFault(
        "annoy_neighbors: searchK: expected 1 or more, found 0",
        "annoy_neighbors(INDEX, features, 1, 0)");
    assertFault(
        "annoy_neighbors: k: expected an int, found string",
        "annoy_neighbors(INDEX, features, 'x')");
    assertFault(
        "annoy_neighbors: k: expected an int, found 3000000000",
        "annoy_neighbors(INDEX, features, 3000000000)");
    assertFault(
        "annoy_neighbors: k: expected a constant, found NULL",
        "annoy_neighbors(INDEX, features, CAST(NULL AS int))");
    assertFault(
        "annoy_neighbors: k: expected a constant, found length(queries.id)",
        "annoy_neighbors(INDEX, features, length(id))");
  }

  @Test
  void vectors() {
    assertFault(
        "annoy_neighbors: vector: expected array<float>, array<double> or an MLlib vector, found"
            + " string",
        "annoy_neighbors(INDEX, id, 1)");
    assertFault(
        "annoy_neighbors: vector: expected array<float>, array<double> or an MLlib vector, found"
            + " array<string>",
        "annoy_neighbors(INDEX, array('1', '2'), 1)");
    assertFault(
        "annoy_neighbors: vector: expected dimension 2, as the index has, found 3",
        "annoy_neighbors(INDEX, array(1, 2, 3), 1)");
    assertFault(
        "annoy_neighbors: vector: expected dimension 2, as the index has, found 5",
        "annoy_neighbors(INDEX, sequence(1, 5), 1)");
  }

  @Test
  void ids() {
    assertFault(
        "annoy_vector: id: expected an id like the index's, string, found int",
        "annoy_vector(INDEX, 7)");
    assertFault(
        "annoy_distance: id2: expected an id like the index's, string, found array<float>",
        "annoy_distance(INDEX, id, features)");
  }

  @Test
  void aDimensionThatOnlyRowsTellFailsItsTask() {
    Dataset<Row> rows = analyse("annoy_neighbors(INDEX, slice(features, 1, 1), 1)");
    Exception e = assertThrows(Exception.class, rows::collectAsList);
    StringBuilder messages = new StringBuilder();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      messages.append(cause.getMessage()).append('\n');
    }
    assertTrue(
        messages
            .toString()
            .contains("query vector: expected dimension 2, as the index has, found 1"),
        messages.toString());
  }

  @Test
  void settingsThatCannotBeUsed() {
    SparkSession session = TestSpark.session();
    String call = "SELECT annoy_vector('" + index + "', 'a')";
    for (var setting :
        Map.of(
                AnnoyConf.CACHE_DIR,
                "relative",
                AnnoyConf.SQL_REFRESH,
                "yes",
                AnnoyConf.CACHE_DIR + "ectory",
                "/tmp")
            .entrySet()) {
      session.conf().set(setting.getKey(), setting.getValue());
      try {
        for (Executable door :
            List.<Executable>of(
                () -> session.sql(call), () -> session.read().format("annoy").load(index))) {
          Exception e = assertThrows(IllegalArgumentException.class, door);
          assertTrue(e.getMessage().startsWith(setting.getKey() + ": expected "), e.getMessage());
        }
      } finally {
        session.conf().unset(setting.getKey());
      }
    }
  }
}
