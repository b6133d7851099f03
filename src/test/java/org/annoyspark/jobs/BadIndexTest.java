package org.annoyspark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.annoyspark.spark.TestSpark;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index that cannot be used, or not for that question: exit code 1 and one message. */
class BadIndexTest {

  private static final int NODE_BYTES = 4 * (4 + TestIndex.DIMENSION);

  @TempDir static Path shared;
  private static TestIndex sound;

  @TempDir Path directory;
  private TestIndex index;

  @BeforeAll
  static void build() throws IOException {
    sound = TestIndex.build(shared);
  }

  @BeforeEach
  void copy() throws IOException {
    index = sound.copyTo(directory);
  }

  private static void assertFails(String message, CommandRun run) {
    assertEquals("annoy-spark: " + message + "\n", run.err());
    assertEquals("", run.out());
    assertEquals(1, run.exitCode());
  }

  @Test
  void noIndex() throws IOException {
    Path none = directory.resolve("none");
    Path other = Files.createDirectory(directory.resolve("other"));
    String noFile = "file:" + none + ": no such file or directory";
    String noMetadata =
        "file:"
            + other
            + ": not an index: expected metadata.json in it, found none; a bare Annoy file opens by"
            + " its own name, with metric and dimension";
    for (String command : List.of("verify", "inspect", "evaluate")) {
      assertFails(noFile, CommandRun.of(command, "--index", none));
      assertFails(noMetadata, CommandRun.of(command, "--index", other));
    }
    assertFails(noFile, CommandRun.of("neighbors", "--index", none, "--id", "w01"));
    assertFails(noFile, join("--index", none, "--queries", index.items()));
    assertFails(noMetadata, join("--index", other, "--queries", index.items()));
    assertFalse(Files.exists(directory.resolve("joined")));
  }

  @Test
  void bareFileWithoutMetricAndDimension() throws IOException {
    assertFails(
        "file:"
            + index.file()
            + ": a bare Annoy file does not tell its metric and dimension: give"
            + " both, or the directory of an index",
        CommandRun.of("verify", "--index", index.file()));
  }

  @Test
  void bareFileWithAWrongMetricOrDimension() throws IOException {
    long bytes = Files.size(index.file());
    CommandRun dimension = verifyBare("euclidean", 5);
    assertEquals(1, dimension.exitCode());
    assertTrue(dimension.err().contains("node"), dimension.err());
    assertEquals(0, bytes % NODE_BYTES);
    CommandRun metric = verifyBare("hamming", 4);
    assertEquals(1, metric.exitCode());
    assertTrue(metric.err().startsWith("annoy-spark: " + index.file() + ": "), metric.err());
    assertFalse(metric.err().contains("\tat "), metric.err());
  }

  private CommandRun verifyBare(String metric, int dimension) throws IOException {
    return CommandRun.of(
        "verify", "--index", index.file(), "--metric", metric, "--dimension", dimension);
  }

  @Test
  void metricOrDimensionThatContradictTheMetadata() {
    assertFails(
        "file:"
            + index.directory()
            + ": expected dot of dimension 4, as given, found euclidean of dimension 4",
        CommandRun.of(
            "verify", "--index", index.directory(), "--metric", "dot", "--dimension", "4"));
  }

  @Test
  void lengthThatIsNoMultipleOfTheNodes() throws IOException {
    Path file = directory.resolve("cut.ann");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(index.file()), 100 * NODE_BYTES - 1));
    CommandRun run =
        CommandRun.of("verify", "--index", file, "--metric", "euclidean", "--dimension", "4");
    assertEquals(1, run.exitCode());
    String bytes = String.valueOf(100 * NODE_BYTES - 1);
    assertTrue(run.err().contains(bytes) && run.err().contains("" + NODE_BYTES), run.err());
    assertTrue(run.err().startsWith("annoy-spark: file:" + file + ": "), run.err());
  }

  @Test
  void truncatedFile() throws IOException {
    byte[] bytes = Files.readAllBytes(index.file());
    Files.write(index.file(), Arrays.copyOf(bytes, bytes.length - NODE_BYTES));
    String message =
        "file:"
            + index.file()
            + ": length in bytes: expected "
            + bytes.length
            + ", found "
            + (bytes.length - NODE_BYTES)
            + "; the file is truncated";
    assertFails(message, CommandRun.of("verify", "--index", index.directory()));
    assertFails(message, join("--index", index.directory(), "--queries", index.items()));
    assertFalse(Files.exists(directory.resolve("joined")));
  }

  @Test
  void checksumMismatch() throws IOException {
    byte[] bytes = Files.readAllBytes(index.file());
    bytes[1234] ^= 1;
    Files.write(index.file(), bytes);
    String message = ": CRC32C of bytes 0 to " + bytes.length + ": expected ";
    CommandRun verify = CommandRun.of("verify", "--index", index.directory());
    assertEquals(1, verify.exitCode());
    assertTrue(
        verify.err().startsWith("annoy-spark: file:" + index.file() + message), verify.err());
    assertTrue(verify.err().endsWith("; the file is damaged\n"), verify.err());
    CommandRun neighbors = CommandRun.of("neighbors", "--index", index.directory(), "--id", "w01");
    assertEquals(1, neighbors.exitCode());
    assertTrue(neighbors.err().contains(index.file() + message), neighbors.err());
    CommandRun join = join("--index", index.directory(), "--queries", index.items());
    assertEquals(1, join.exitCode());
    assertTrue(join.err().contains(index.file() + message), join.err());
    assertFalse(Files.exists(directory.resolve("joined")));
  }

  @Test
  void damagedMetadata() throws IOException {
    Files.writeString(index.directory().resolve("metadata.json"), "[]");
    CommandRun run = CommandRun.of("inspect", "--index", index.directory());
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("metadata.json: not the metadata of an index: "), run.err());
  }

  @Test
  void theFileThatMetadataNamesIsGone() throws IOException {
    Path file = index.file();
    Files.delete(file);
    assertFails(
        "file:"
            + file
            + ": no such file, though file:"
            + index.directory()
            + "/metadata.json names it",
        CommandRun.of("verify", "--index", index.directory()));
  }

  @Test
  void queryOfAnotherDimension() {
    assertFails(
        "query vector: expected dimension 4, as the index has, found 2",
        CommandRun.of("neighbors", "--index", index.directory(), "--vector", "1,2"));
    Path queries = directory.resolve("queries.parquet");
    TestSpark.items(List.of("a", "b"), new float[][] {{1, 2, 3, 4}, {1, 2, 3}})
        .write()
        .parquet(queries.toUri().toString());
    String message =
        "column 'features': expected vectors of dimension 4, as the index has, found 1 of length 3";
    assertFails(
        message + " (id 'b')",
        join("--index", index.directory(), "--queries", queries, "--exclude-self"));
    assertFalse(Files.exists(directory.resolve("joined")));
    assertFails(
        message,
        CommandRun.withSpark("evaluate", "--index", index.directory(), "--queries", queries));
  }

  @Test
  void vectorThatIsNoVector() {
    assertFails(
        "--vector: expected numbers separated by commas, found 'x' at position 1",
        CommandRun.of("neighbors", "--index", index.directory(), "--vector", "1,x,3,4"));
    assertFails(
        "query vector: expected finite numbers, found NaN at position 3",
        CommandRun.of("neighbors", "--index", index.directory(), "--vector", "1,2,3,NaN"));
  }

  @Test
  void kBelowOne() {
    String message = "k: expected 1 or more, found 0";
    assertFails(
        message,
        CommandRun.of("neighbors", "--index", index.directory(), "--id", "w01", "-k", "0"));
    assertFails(message, join("--index", index.directory(), "--queries", index.items(), "-k", "0"));
    assertFails(message, CommandRun.of("evaluate", "--index", index.directory(), "-k", "0"));
    assertFalse(Files.exists(directory.resolve("joined")));
  }

  @Test
  void unknownId() throws IOException {
    assertFails(
        index.directory() + ": expected the id of one of its items, found 'zebra'",
        CommandRun.of("neighbors", "--index", index.directory(), "--id", "zebra"));
    for (String id : List.of("60", "-1", "w01")) {
      assertFails(
          index.file() + ": expected the id of one of its items, found '" + id + "'",
          CommandRun.of(
              "neighbors",
              "--index",
              index.file(),
              "--metric",
              "euclidean",
              "--dimension",
              "4",
              "--id",
              id));
    }
  }

  @Test
  void missingQueries() {
    Path none = directory.resolve("none.parquet");
    assertFails(
        none + ": no such file or directory",
        join("--index", index.directory(), "--queries", none));
    assertFails(
        none + ": no such file or directory",
        CommandRun.withSpark("evaluate", "--index", index.directory(), "--queries", none));
  }

  @Test
  void joinDoesNotReplaceUnasked() throws IOException {
    Path kept = Files.createDirectory(directory.resolve("joined"));
    assertFails(
        "output " + kept + ": exists already; --overwrite replaces it",
        join("--index", index.directory(), "--queries", index.items()));
    assertEquals(List.of(), TestSpark.names(kept));
  }

  @Test
  void joinDoesNotReplaceWhatItReads() throws IOException {
    for (Object input : List.of(index.directory(), index.items())) {
      List<String> before = TestSpark.names(Path.of(input.toString()));
      assertFails(
          "output " + input + ": expected a place of its own, found the input " + input,
          CommandRun.withSpark(
              "join",
              "--index",
              index.directory(),
              "--queries",
              index.items(),
              "--output",
              input,
              "--overwrite"));
      assertEquals(before, TestSpark.names(Path.of(input.toString())));
    }
  }

  private CommandRun join(Object... options) {
    Object[] args =
        Arrays.copyOf(
            new Object[] {"join", "--output", directory.resolve("joined")}, 3 + options.length);
    System.arraycopy(options, 0, args, 3, options.length);
    return CommandRun.withSpark(args);
  }
}
