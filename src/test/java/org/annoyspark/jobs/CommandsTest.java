package org.annoyspark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.Neighbors;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command with good input: exit code 0, and what it says and writes. */
class CommandsTest {

  @TempDir static Path shared;
  private static TestIndex index;

  @TempDir Path output;

  @BeforeAll
  static void build() throws IOException {
    index = TestIndex.build(shared);
  }

  private static String succeed(CommandRun run) {
    assertEquals("", run.err());
    assertEquals(0, run.exitCode());
    return run.out();
  }

  @Test
  void buildSaysWhatItBuilt() throws IOException {
    Path built = output.resolve("index");
    String out =
        succeed(
            CommandRun.withSpark(
                "build",
                "--input",
                index.items(),
                "--output",
                built,
                "--metric",
                "euclidean",
                "--trees",
                "3",
                "--seed",
                "42"));
    Path file = new TestIndex(built, index.items()).file();
    assertEquals(TestSpark.sha256(index.file()), TestSpark.sha256(file));
    for (String line :
        List.of(
            "  check    60 items of dimension 4, ids string, mapped to item numbers\n",
            "built file:" + file + "\n",
            "  euclidean, dimension 4, 60 items, 3 trees, ",
            " s (check ")) {
      assertTrue(out.contains(line), out);
    }
  }

  @Test
  void treesAreAddedAndMerged() throws IOException {
    Path more = output.resolve("more");
    succeed(
        CommandRun.withSpark(
            ("build --metric euclidean --trees 2 --first-tree 3 --input "
                    + index.items()
                    + " --output "
                    + more)
                .split(" ")));
    Path merged = output.resolve("merged");
    String out =
        succeed(
            CommandRun.withSpark(
                "merge", "--index", index.directory(), "--index", more, "--output", merged));
    assertTrue(out.contains("\n  euclidean, dimension 4, 60 items, 5 trees, "), out);
    Path added = index.copyTo(output).directory();
    out = succeed(CommandRun.withSpark("add-trees", "--index", added, "--trees", "2"));
    assertTrue(out.contains("  trees    5 with "), out);
    assertTrue(out.contains(", 3 of them copied\n"), out);
    assertEquals(
        TestSpark.sha256(new TestIndex(merged, null).file()), TestSpark.sha256(published(added)));
  }

  /** The file that is in force; the one before it is there too. */
  private static Path published(Path directory) throws IOException {
    JsonNode metadata = new ObjectMapper().readTree(directory.resolve("metadata.json").toFile());
    return directory.resolve(metadata.at("/file/name").asText());
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "json"})
  void joinWritesNeighborsOfEveryQuery(String format) throws IOException {
    Path joined = output.resolve("joined");
    String out =
        succeed(
            CommandRun.withSpark(
                "join",
                "--index",
                index.directory(),
                "--queries",
                index.items(),
                "--output",
                joined,
                "-k",
                "3",
                "--search-k",
                "1000",
                "--exclude-self",
                "--format",
                format));
    assertTrue(
        out.startsWith(
            "joined 60 queries with their 3 nearest items, search-k 1,000\n  "
                + joined
                + " ("
                + format
                + "), "),
        out);
    List<Row> rows =
        TestSpark.session().read().format(format).load(joined.toUri().toString()).collectAsList();
    assertEquals(TestIndex.COUNT, rows.size());
    for (Row row : rows) {
      String self = row.getAs("id");
      List<String> expected = new ArrayList<>(nearest(TestIndex.IDS.indexOf(self), 4));
      expected.remove(self);
      List<Row> found = row.getList(row.fieldIndex("neighbors"));
      assertEquals(expected, found.stream().map(n -> n.<String>getAs("id")).toList());
    }
  }

  @Test
  void joinLeavesOutWhatIsBeyondTheBound() throws IOException {
    Path joined = output.resolve("bounded");
    succeed(
        CommandRun.withSpark(
            "join",
            "--index",
            index.directory(),
            "--queries",
            index.items(),
            "--output",
            joined,
            "--max-distance",
            "0"));
    for (Row row : TestSpark.session().read().parquet(joined.toString()).collectAsList()) {
      List<Row> found = row.getList(row.fieldIndex("neighbors"));
      assertEquals(
          List.of(row.<String>getAs("id")),
          found.stream().map(n -> n.<String>getAs("id")).toList());
    }
  }

  @Test
  void joinOfAnIndexWithItself() throws IOException {
    Path joined = output.resolve("similar");
    Object[] command = {
      "join",
      "--index",
      index.directory(),
      "--self",
      "--output",
      joined,
      "-k",
      "3",
      "--search-k",
      "1000",
      "--id-col",
      "word"
    };
    String out = succeed(CommandRun.withSpark(command));
    assertTrue(
        out.startsWith("joined 60 items with their 3 nearest others, search-k 1,000\n"), out);
    List<Row> rows = TestSpark.session().read().parquet(joined.toString()).collectAsList();
    assertEquals(TestIndex.COUNT, rows.size());
    for (Row row : rows) {
      String self = row.getAs("word");
      List<String> expected = new ArrayList<>(nearest(TestIndex.IDS.indexOf(self), 4));
      expected.remove(self);
      List<Row> found = row.getList(row.fieldIndex("neighbors"));
      assertEquals(expected, found.stream().map(n -> n.<String>getAs("id")).toList());
    }
  }

  @Test
  void joinAmongCandidates() throws IOException {
    Path candidates = output.resolve("candidates");
    Path queries = output.resolve("queries");
    Path joined = output.resolve("among");
    Dataset<Row> items = TestSpark.session().read().parquet(index.items().toString());
    items.filter("id like '%5'").select("id").write().parquet(candidates.toString());
    items.selectExpr("*", "array('w05', id) seen").write().parquet(queries.toString());
    Object[] command = {
      "join",
      "--index",
      index.directory(),
      "--queries",
      queries,
      "--output",
      joined,
      "-k",
      "4",
      "--candidates",
      candidates,
      "--exclude-col",
      "seen"
    };
    succeed(CommandRun.withSpark(command));
    List<Row> rows = TestSpark.session().read().parquet(joined.toString()).collectAsList();
    assertEquals(TestIndex.COUNT, rows.size());
    for (Row row : rows) {
      List<String> expected =
          nearest(TestIndex.IDS.indexOf(row.<String>getAs("id")), TestIndex.COUNT).stream()
              .filter(id -> id.endsWith("5") && !id.equals("w05") && !id.equals(row.getAs("id")))
              .limit(4)
              .toList();
      List<Row> found = row.getList(row.fieldIndex("neighbors"));
      assertEquals(expected, found.stream().map(n -> n.<String>getAs("id")).toList());
    }
  }

  private static List<String> nearest(int item, int k) throws IOException {
    Neighbors found = AnnoyIndex.open(index.directory()).nearestToItem(item, k, 1000);
    return Arrays.stream(found.items()).mapToObj(TestIndex.IDS::get).toList();
  }

  @Test
  void neighborsOfAnItem() throws IOException {
    String out =
        succeed(
            CommandRun.of(
                "neighbors",
                "--index",
                index.directory(),
                "--id",
                "w07",
                "-k",
                "3",
                "--search-k",
                "1000"));
    List<String> lines = out.lines().toList();
    assertEquals("rank  id   distance", lines.get(0));
    assertEquals("   1  w07  0.000000", lines.get(1));
    assertEquals(
        nearest(7, 3), lines.stream().skip(1).map(line -> line.trim().split(" +")[1]).toList());
  }

  @Test
  void neighborsOfAVector() {
    String vector = Arrays.toString(TestIndex.VECTORS[7]).replaceAll("[\\[\\]]", "");
    String out =
        succeed(
            CommandRun.of(
                "neighbors", "--index", index.directory(), "--vector", vector, "-k", "1"));
    assertEquals("rank  id   distance\n   1  w07  0.000000\n", out);
  }

  @Test
  void inspectForPeople() throws IOException {
    String out = succeed(CommandRun.of("inspect", "--index", index.directory()));
    assertTrue(
        out.startsWith(index.directory() + ": euclidean, dimension 4, 60 items, 3 trees, "), out);
    for (String line : List.of("seed 42\n", "ids string, mapped by ids-", "bucket capacity ")) {
      assertTrue(out.contains(line), out);
    }
    // A heading, a line each, and the bucket capacity.
    List<String> trees =
        out.lines().dropWhile(line -> !line.contains("bucket fill")).limit(5).toList();
    assertTrue(trees.get(3).trim().startsWith("2 "), out);
    assertTrue(trees.get(4).startsWith("bucket capacity"), out);
  }

  @Test
  void inspectForPrograms() throws IOException {
    JsonNode json =
        new ObjectMapper()
            .readTree(succeed(CommandRun.of("inspect", "--index", index.directory(), "--json")));
    assertEquals("euclidean", json.get("metric").asText());
    assertEquals(60, json.get("items").asInt());
    assertEquals(3, json.get("statistics").get("trees").size());
    assertEquals(
        index.file().getFileName().toString(),
        json.get("metadata").get("file").get("name").asText());
  }

  @Test
  void aBareFileIsInspectedAndVerified() throws IOException {
    Object[] bare = {"--index", index.file(), "--metric", "euclidean", "--dimension", "4"};
    assertTrue(succeed(CommandRun.of(with("inspect", bare))).contains("bare file, no metadata"));
    String sound = succeed(CommandRun.of(with("verify", bare)));
    assertFalse(sound.contains("checksums"), sound);
    assertTrue(sound.contains("\nsound: "), sound);
    String out = succeed(CommandRun.of(with("neighbors", bare, "--id", "7", "-k", "1")));
    assertEquals("rank  id  distance\n   1  7   0.000000\n", out);
  }

  private static Object[] with(String command, Object[] options, Object... more) {
    List<Object> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(options));
    all.addAll(List.of(more));
    return all.toArray();
  }

  @Test
  void verifyChecksChecksumsAndNodes() {
    String out = succeed(CommandRun.of("verify", "--index", index.directory()));
    assertTrue(out.startsWith("checksums: 1 chunks match\n" + index.directory() + ": "), out);
    assertTrue(
        out.endsWith("\nsound: every id in range, every item once in every tree, no cycles\n"),
        out);
  }

  @Test
  void evaluateWithItemsOfTheIndex() {
    String out =
        succeed(
            CommandRun.of(
                "evaluate", "--index", index.directory(), "-k", "5", "--search-k", "-1,100000"));
    List<String> lines = out.lines().toList();
    assertEquals(2, lines.size(), out);
    assertTrue(lines.get(0).endsWith(" at search-k default (15), over 60 items of the index"), out);
    assertEquals("recall@5 1.000 at search-k 100,000, over 60 items of the index", lines.get(1));
  }

  @Test
  void evaluateWithQueries() {
    String out =
        succeed(
            CommandRun.withSpark(
                "evaluate",
                "--index",
                index.directory(),
                "--queries",
                index.items(),
                "--sample",
                "20",
                "--search-k",
                "100000"));
    assertEquals(
        "recall@10 1.000 at search-k 100,000, over 20 queries",
        out.lines().collect(Collectors.joining()));
  }
}
