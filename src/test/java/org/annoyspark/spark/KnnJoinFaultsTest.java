package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.TreeCount;
import org.annoyspark.storage.IndexAddress;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a join cannot be made of, and what it says then. */
class KnnJoinFaultsTest {

  @TempDir static Path directory;
  private static String index;

  @BeforeAll
  static void build() throws IOException {
    index = directory.resolve("index").toString();
    new IndexBuild()
        .trees(TreeCount.of(1))
        .run(TestSpark.items(List.of("a", "b"), new float[][] {{1, 2}, {3, 4}}), index);
  }

  private static Dataset<Row> queries(float[]... vectors) {
    return TestSpark.items(List.of("p", "q", "r", "s").subList(0, vectors.length), vectors);
  }

  @Test
  void aFaultyQueryFailsItsTaskWithAClearMessage() throws IOException {
    assertTaskFails(
        "column 'features': expected a vector in every row, found null", new float[] {1, 2}, null);
    assertTaskFails(
        "query vector: expected dimension 2, as the index has, found 3", new float[] {1, 2, 3});
    assertTaskFails(
        "query vector: expected finite numbers, found NaN at position 1",
        new float[] {1, Float.NaN});
  }

  private static void assertTaskFails(String message, float[]... vectors) throws IOException {
    Dataset<Row> joined = new KnnJoin(1).run(queries(vectors), index);
    var e = assertThrows(SparkException.class, joined::collectAsList);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void checkingFirstNamesAllFaults() {
    float[][] vectors = {{1, 2, 3}, null, {1, Float.POSITIVE_INFINITY}, {0, 1}};
    assertInvalid(
        """
        column 'features': expected a vector in every row, found null in 1
          column 'features': expected vectors of dimension 2, as the index has, found 1 of length 3
          column 'features': expected finite numbers that fit a float, found NaN, infinite, null or \
        larger ones in 1 vector""",
        () -> new KnnJoin(1).checkFirst(true).run(queries(vectors), index));
    assertInvalid(
        """
        column 'features': expected a vector in every row, found null in 1 (id 'q')
          column 'features': expected vectors of dimension 2, as the index has, found 1 of length 3 \
        (id 'p')
          column 'features': expected finite numbers that fit a float, found NaN, infinite, null or \
        larger ones in 1 vector (id 'r')""",
        () -> new KnnJoin(1).checkFirst(true).excludeSelf(true).run(queries(vectors), index));
  }

  @Test
  void columnsMustBeThere() {
    Dataset<Row> queries = queries(new float[] {1, 2});
    assertInvalid(
        "column 'vector': expected among the input's columns, found only id string, features"
            + " array<float>",
        () -> new KnnJoin(1).featuresColumn("vector").run(queries, index));
    assertInvalid(
        "column 'id': expected among the input's columns, found only features array<float>",
        () -> new KnnJoin(1).excludeSelf(true).run(queries.drop("id"), index));
    assertInvalid(
        "column 'features': expected array<float>, array<double> or an MLlib vector, found string",
        () -> new KnnJoin(1).run(queries.selectExpr("id", "'1,2' features"), index));
    assertInvalid(
        "column 'id': expected ids like the index's, string, to leave out each query itself, found"
            + " int",
        () ->
            new KnnJoin(1).excludeSelf(true).run(queries.selectExpr("1 as id", "features"), index));
  }

  @Test
  void neighborsMustNotBeThereYetInAnyCaseOfLetters() {
    SparkSession session = TestSpark.session();
    Dataset<Row> queries = queries(new float[] {1, 2}).withColumnRenamed("id", "NEIGHBORS");
    assertInvalid(
        "column 'neighbors': the join adds it, but the queries have one already",
        () -> new KnnJoin(1).run(queries, index));
    session.conf().set("spark.sql.caseSensitive", true);
    try {
      new KnnJoin(1).run(queries, index);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      session.conf().unset("spark.sql.caseSensitive");
    }
  }

  @Test
  void aColumnMustBeThereOnce() {
    Dataset<Row> queries = queries(new float[] {1, 2});
    assertInvalid(
        "column 'features': expected one of that name among the input's columns, found more",
        () -> new KnnJoin(1).run(queries.select("features", "features"), index));
  }

  @Test
  void neighborsMustNotBeThereYet() {
    assertInvalid(
        "column 'neighbors': the join adds it, but the queries have one already",
        () ->
            new KnnJoin(1).run(queries(new float[] {1, 2}).selectExpr("*", "1 neighbors"), index));
  }

  @Test
  void numbersMustBePositive() {
    var k = assertThrows(IllegalArgumentException.class, () -> new KnnJoin(0));
    assertEquals("k: expected 1 or more, found 0", k.getMessage());
    var searchK = assertThrows(IllegalArgumentException.class, () -> new KnnJoin(1).searchK(0));
    assertEquals("searchK: expected 1 or more, found 0", searchK.getMessage());
    var bound =
        assertThrows(IllegalArgumentException.class, () -> new KnnJoin(1).maxDistance(Float.NaN));
    assertEquals("maxDistance: expected a number, found NaN", bound.getMessage());
  }

  @Test
  void theIndexMustBeThere() {
    Dataset<Row> queries = queries(new float[] {1, 2});
    var missing =
        assertThrows(
            FileNotFoundException.class, () -> new KnnJoin(1).run(queries, directory + "/none"));
    assertEquals("file:" + directory + "/none: no such file or directory", missing.getMessage());
    var other =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new KnnJoin(1)
                    .bareFile(new IndexAddress.BareFile("dot", 2, DotLayout.RELEASED))
                    .run(queries, index));
    assertEquals(
        "file:" + index + ": expected dot of dimension 2, as given, found angular of dimension 2",
        other.getMessage());
  }

  /** Before a task starts. */
  @Test
  void aBareFileMustBeWhatIsSaidOfIt() throws IOException {
    Dataset<Row> queries = queries(new float[] {1, 2});
    Path file = Files.write(directory.resolve("bare.ann"), new byte[100]);
    assertBareFault("metric: expected one of", "cosine", 2, queries, file);
    assertBareFault("dimension: expected", "angular", -3, queries, file);
    assertBareFault("bare.ann: ", "angular", 7, queries, file);
  }

  private static void assertBareFault(
      String message, String metric, int dimension, Dataset<Row> queries, Path file) {
    RuntimeException fault =
        assertThrows(
            RuntimeException.class,
            () ->
                new KnnJoin(1)
                    .bareFile(new IndexAddress.BareFile(metric, dimension, DotLayout.RELEASED))
                    .run(queries, file.toString()));
    assertTrue(fault.getMessage().contains(message), fault.getMessage());
  }

  private static void assertInvalid(String message, Executable join) {
    assertEquals(message, assertThrows(InvalidInputException.class, join).getMessage());
  }
}
