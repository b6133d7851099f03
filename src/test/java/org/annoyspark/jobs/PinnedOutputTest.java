package org.annoyspark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What commands write and print of one input, digit for digit: the same on every Spark that the
 * tests run on. If a change is meant to alter it, CHANGES.md must say so.
 */
class PinnedOutputTest {

  private static final Path WORDS = TestSpark.WORDS;

  @TempDir static Path shared;
  private static Path words;

  @TempDir Path directory;

  @BeforeAll
  static void buildWords() {
    words = shared.resolve("words.index");
    succeed("build", "--input", WORDS, "--output", words, "--trees", "3", "--seed", "7");
    succeed("build", "--input", WORDS, "--output", words, "--trees", "3", "--overwrite");
  }

  private static String succeed(Object... args) {
    CommandRun run = CommandRun.withSpark(args);
    assertEquals("", run.err());
    assertEquals(0, run.exitCode());
    return run.out();
  }

  /** Of several, the last: names sort by time. */
  private static String fileSha256(Path index) throws IOException {
    List<String> files = TestSpark.names(index).stream().filter(n -> n.endsWith(".ann")).toList();
    return TestSpark.sha256(index.resolve(files.get(files.size() - 1)));
  }

  @Test
  void stringIdsAngular() throws IOException {
    assertEquals(TestSpark.WORDS_INDEX_SHA256, fileSha256(words));
  }

  @ParameterizedTest
  @CsvSource({
    "dot, auto, 32fa38297554e3809148a44890c43edd1b42dfb6f9716278c89a3c3cd16e890e",
    "dot, 100, 7e42a8ef571d86a538a0ec6864bbfd16886b8008e266ca8aa55602cbd83317bc",
    "hamming, auto, 30cb93d171cc010414ee86ccf77d7717176b709d58b306acae619e0691c1b253",
  })
  void intIds(String metric, String dotNormCap, String sha256) throws IOException {
    Path items = directory.resolve("items.parquet");
    write(TestSpark.items(TestSpark.numbers(3000), TestSpark.vectors(3000, 64, 5)), items);
    Path index = directory.resolve("index");
    succeed(
        "build",
        "--input",
        items,
        "--output",
        index,
        "--metric",
        metric,
        "--dot-norm-cap",
        dotNormCap,
        "--trees",
        "4",
        "--seed",
        "1");
    assertEquals(sha256, fileSha256(index));
  }

  private static void write(Dataset<Row> rows, Path output) {
    rows.write().mode(SaveMode.ErrorIfExists).parquet(output.toUri().toString());
  }

  @Test
  void neighbors() {
    assertEquals(
        """
        rank  id      distance
           1  guitar  0.000000
           2  bass    0.548650
           3  drums   0.625256
        """,
        succeed("neighbors", "--index", words, "--id", "guitar", "-k", "3"));
  }

  @Test
  void join() throws IOException {
    Path queries = directory.resolve("queries.parquet");
    write(TestSpark.session().read().parquet(WORDS.toString()).filter("id like 'q%'"), queries);
    Path joined = directory.resolve("joined");
    succeed(
        "join",
        "--index",
        words,
        "--queries",
        queries,
        "--output",
        joined,
        "-k",
        "5",
        "--format",
        "json");
    List<String> rows = sortedRows(joined);
    assertEquals(
        """
        {"id":"qaeda","neighbors":[{"id":"qaeda","distance":0.0},\
        {"id":"qaida","distance":0.25884217},{"id":"sayyaf","distance":0.83110243},\
        {"id":"fugitives","distance":0.880912},{"id":"sympathizers","distance":0.8920174}]}\
        """,
        rows.get(0));
    Path all = Files.write(directory.resolve("rows"), rows);
    assertEquals(
        "96192fe8004df358de558027c5c7a26b8f162fd50522b15d45d0e2a9245ef63c", TestSpark.sha256(all));
  }

  /** Without the vectors, which are the queries' own. */
  private static List<String> sortedRows(Path json) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<String> rows = new ArrayList<>();
    for (String name : TestSpark.names(json)) {
      if (name.endsWith(".json")) {
        try (Stream<String> lines = Files.lines(json.resolve(name))) {
          for (String line : (Iterable<String>) lines::iterator) {
            rows.add(((ObjectNode) mapper.readTree(line)).without("features").toString());
          }
        }
      }
    }
    return rows.stream().sorted().toList();
  }

  @Test
  void evaluate() {
    assertEquals(
        """
        recall@10 0.493 at search-k 200, over 300 items of the index
        recall@10 0.891 at search-k 2,000, over 300 items of the index
        """,
        succeed("evaluate", "--index", words, "--sample", "300", "--search-k", "200,2000"));
  }

  @Test
  void inspectAndVerify() {
    String heading = words + ": angular, dimension 100, 20,000 items, 3 trees, ";
    String inspected = succeed("inspect", "--index", words);
    assertTrue(inspected.startsWith(heading), inspected);
    String verified = succeed("verify", "--index", words);
    assertTrue(verified.startsWith("checksums: 2 chunks match\n" + heading), verified);
  }

  @Test
  void oneLineForBadInput() {
    Path items = directory.resolve("items.parquet");
    write(TestSpark.items(List.of("a", "b", "b"), TestSpark.vectors(3, 2, 1)), items);
    CommandRun run =
        CommandRun.withSpark("build", "--input", items, "--output", directory.resolve("index"));
    assertEquals(
        "annoy-spark: column 'id': expected every id once, found 1 id more than once (id 'b')\n",
        run.err());
    assertEquals(1, run.exitCode());
  }
}
