package org.annoyspark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Input that cannot be built: exit code 1, one message, and nothing written. */
class BadItemsTest {

  private static final float[][] THREE = {{1, 2}, {3, 4}, {5, 6}};

  private static final float[][] FIVE = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 0}};

  @TempDir Path directory;

  @Test
  void missingPath() {
    Path input = directory.resolve("none.parquet");
    assertBuildFails(input + ": no such file or directory", input);
  }

  @Test
  void notParquet() throws IOException {
    Path input = Files.createDirectory(directory.resolve("empty directory"));
    CommandRun run = build(input);
    assertEquals(1, run.exitCode());
    assertEquals(
        "annoy-spark: " + input + ": expected Parquet: [UNABLE_TO_INFER_SCHEMA]",
        run.err().substring(0, run.err().indexOf(']') + 1));
  }

  @Test
  void aFileThatIsNotParquet() throws IOException {
    Path input = Files.writeString(directory.resolve("items.csv"), "id,features\n".repeat(100));
    CommandRun run = build(input);
    assertEquals(1, run.exitCode());
    String message = "annoy-spark: " + input + ": expected Parquet: ";
    assertEquals(message, run.err().substring(0, message.length()));
    assertEquals(1, run.err().lines().count(), run.err());
  }

  @Test
  void missingColumn() {
    Path input = write(TestSpark.items(List.of(0, 1, 2), THREE));
    assertBuildFails(
        "column 'vector': expected among the input's columns, found only id int, features"
            + " array<float>",
        input,
        "--features-col",
        "vector");
    assertBuildFails(
        "column 'key': expected among the input's columns, found only id int, features"
            + " array<float>",
        input,
        "--id-col",
        "key");
  }

  @Test
  void columnOfAWrongType() {
    Dataset<Row> items = TestSpark.items(List.of(0, 1, 2), THREE);
    assertBuildFails(
        "column 'features': expected array<float>, array<double> or an MLlib vector, found"
            + " array<int>",
        write(items.selectExpr("id", "cast(features as array<int>) features")));
    assertBuildFails(
        "column 'id': expected int, bigint or string, found double",
        write(
            TestSpark.items(List.of(0, 1, 2), THREE)
                .selectExpr("cast(id as double) id", "features")));
  }

  @Test
  void noRows() {
    assertBuildFails(
        "input: expected at least one row, found none",
        write(TestSpark.items(List.of(0, 1, 2), THREE).filter("id < 0")));
  }

  @Test
  void nullIds() {
    assertBuildFails(
        "column 'id': expected an id in every row, found null in 2",
        write(TestSpark.items(Arrays.asList(7, null, null), THREE)));
  }

  @Test
  void nullVectors() {
    assertBuildFails(
        "column 'features': expected a vector in every row, found null in 1 (id 1)",
        write(TestSpark.items(List.of(0, 1, 2), new float[][] {{1, 2}, null, {5, 6}})));
  }

  @Test
  void vectorsOfDifferentLength() {
    assertBuildFails(
        """
        column 'features': expected vectors of one length, as most have 2, found 1 of length 1 \
        (id 'd')
          column 'features': expected vectors of one length, as most have 2, found 1 of length 3 \
        (id 'c')""",
        write(
            TestSpark.items(
                List.of("a", "b", "c", "d"), new float[][] {{1, 2}, {3, 4}, {5, 6, 7}, {8}})));
  }

  /** The first lengths that are met need not be those of most vectors. */
  @Test
  void vectorsOfManyLengths() {
    float[][] vectors = new float[200][];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = new float[i < 40 ? 10 + i : 5];
    }
    Path input = write(TestSpark.items(TestSpark.numbers(200), vectors));
    assertBuildFails(
        IntStream.range(0, 5)
                .mapToObj(
                    i ->
                        "column 'features': expected vectors of one length, as most have 5, found 1"
                            + " of length "
                            + (10 + i)
                            + " (id "
                            + i
                            + ")\n  ")
                .collect(Collectors.joining())
            + "column 'features': and 35 other lengths",
        input);
  }

  @Test
  void emptyVectors() {
    assertBuildFails(
        "column 'features': expected vectors of length 1 or more, found empty ones (ids 0, 1)",
        write(TestSpark.items(List.of(0, 1), new float[][] {{}, {}})));
  }

  @Test
  void notANumberOrInfinite() {
    float[][] vectors = new float[6][];
    Arrays.setAll(vectors, i -> new float[] {i, Float.NaN});
    vectors[0][1] = 1;
    vectors[1][1] = Float.NEGATIVE_INFINITY;
    assertBuildFails(
        "column 'features': expected finite numbers that fit a float, found NaN, infinite, null or"
            + " larger ones in 5 vectors (ids 1, 2, 3, …)",
        write(TestSpark.items(TestSpark.numbers(6), vectors)));
  }

  @Test
  void duplicateIds() {
    List<String> ids = new ArrayList<>(List.of("c", "a", "d", "b", "once"));
    ids.addAll(ids.subList(0, 4));
    assertBuildFails(
        "column 'id': expected every id once, found 4 ids more than once (ids 'a', 'b', 'c', …)",
        write(TestSpark.items(ids, TestSpark.vectors(9, 2, 1))));
  }

  /** Spark's strings may be any bytes; Java's, by which ids are written, may not. */
  @Test
  void idsThatAreNoUtf8() {
    assertBuildFails(
        "column 'id': expected ids in UTF-8, found 2 with other bytes (ids '\\xFF', 'caf\\xE9')",
        write(bytesAsIds()));
    Dataset<Row> sound = bytesAsIds().filter("id in ('a', '\ufffd')");
    assertEquals(0, build(write(sound), "--trees", "1").exitCode());
  }

  private static Dataset<Row> bytesAsIds() {
    return TestSpark.items(List.of("FF", "636166E9", "61", "F09F9880", "EFBFBD"), FIVE)
        .selectExpr("cast(unhex(id) as string) id", "features");
  }

  @Test
  void negativeIntIds() {
    assertBuildFails(
        "column 'id': expected int ids of 0 or more, found 2 negative (ids -5, -1)",
        write(TestSpark.items(List.of(-1, 0, -5), THREE)));
  }

  @Test
  void everyFaultIsNamed() {
    assertBuildFails(
        """
        column 'id': expected int ids of 0 or more, found 1 negative (id -1)
          column 'features': expected a vector in every row, found null in 1 (id 2)
          column 'id': expected every id once, found 1 id more than once (id 2)""",
        write(TestSpark.items(List.of(-1, 2, 2), new float[][] {{1, 2}, {3, 4}, null})));
  }

  @Test
  void moreNodesThanAFileHolds() {
    assertBuildFails(
        "too many nodes: an Annoy file holds at most 2147483647, but 3 items and 2000000000 trees"
            + " need at least 4000000003; use fewer trees, or several indexes",
        write(TestSpark.items(List.of(0, 1, 2), THREE)),
        "--trees",
        "2000000000");
  }

  @Test
  void outputExists() throws IOException {
    Path input = write(TestSpark.items(List.of(0, 1, 2), THREE));
    Path output = Files.writeString(directory.resolve("a file"), "kept");
    CommandRun run = CommandRun.withSpark("build", "--input", input, "--output", output);
    assertEquals(1, run.exitCode());
    assertEquals(
        "annoy-spark: output file:" + output + ": expected a directory or nothing, found a file\n",
        run.err());

    assertEquals(0, build(input).exitCode());
    List<String> before = TestSpark.names(directory.resolve("index"));
    run = build(input);
    assertEquals(1, run.exitCode());
    assertEquals(
        "annoy-spark: output file:"
            + directory.resolve("index")
            + ": exists already; --overwrite replaces the index that is there\n",
        run.err());
    assertEquals(before, TestSpark.names(directory.resolve("index")));
    assertEquals(0, build(input, "--overwrite").exitCode());
  }

  private Path write(Dataset<Row> items) {
    Path input = directory.resolve("items.parquet");
    items.write().mode("overwrite").parquet(input.toUri().toString());
    return input;
  }

  private CommandRun build(Path input, Object... options) {
    List<Object> args =
        new ArrayList<>(List.of("build", "--input", input, "--output", directory.resolve("index")));
    args.addAll(List.of(options));
    return CommandRun.withSpark(args.toArray());
  }

  private void assertBuildFails(String message, Path input, Object... options) {
    CommandRun run = build(input, options);
    assertEquals("annoy-spark: " + message + "\n", run.err());
    assertEquals("", run.out().replaceAll("  check .*\n", ""));
    assertEquals(1, run.exitCode());
    assertFalse(Files.exists(directory.resolve("index")));
  }
}
