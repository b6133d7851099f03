package org.annoyspark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.RcppAnnoy;
import org.annoyspark.index.TreeCount;
import org.annoyspark.jobs.CommandRun;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Code in the README runs as it stands there, but for {@code /tmp}, which is a fresh directory. */
class ReadmeTest {

  /** What the README says that blocks assume. */
  private static final String IMPORTS = "import org.apache.spark.sql.*;\n";

  @TempDir Path directory;

  private void runJava(String code, Dataset<Row> ratings) throws Exception {
    String run =
        "public static void run(SparkSession spark, Dataset<Row> ratings) throws Exception {\n"
            + ReadmeCode.withoutImports(code)
            + "}\n";
    try (URLClassLoader loader =
        ReadmeCode.compile(IMPORTS + ReadmeCode.imports(code), run, directory)) {
      loader
          .loadClass(ReadmeCode.CLASS_NAME)
          .getMethod("run", SparkSession.class, Dataset.class)
          .invoke(null, TestSpark.session(), ratings);
    }
  }

  private Path buildWordsIndex() throws IOException {
    Path index = directory.resolve("words.index");
    new IndexBuild()
        .trees(TreeCount.of(2))
        .run(TestSpark.session().read().parquet(TestSpark.WORDS.toString()), index.toString());
    return index;
  }

  private List<String> blocks(String section, String language) throws IOException {
    return ReadmeCode.blocks(section, language, directory);
  }

  /** In this JVM, which spares the start of seven others. */
  @Test
  void onTheCommandLine() throws Exception {
    List<List<String>> commands = ReadmeCode.commands(blocks("On the command line", "").get(0));
    assertEquals(7, commands.size());
    for (List<String> command : commands) {
      assertEquals("jobs/annoy-spark", command.get(0));
      CommandRun run = CommandRun.withSpark(command.subList(1, command.size()).toArray());
      assertEquals(0, run.exitCode(), () -> command + ": " + run);
      assertEquals("", run.err(), command::toString);
      if (command.get(1).equals("neighbors")) {
        assertTrue(run.out().contains("guitar"), run.out());
      }
    }
    String similar = directory.resolve("words.similar").toString();
    assertEquals(20_000, TestSpark.session().read().parquet(similar).count());
  }

  @Tag("mllib")
  @Test
  void sparkMl() throws Exception {
    List<String> blocks = blocks("In Spark ML", "java");
    assertEquals(2, blocks.size());
    Dataset<Row> ratings =
        TestSpark.session()
            .range(0, 3000)
            .selectExpr(
                "cast(id % 60 as int) user",
                "cast(id * 7 % 50 as int) item", "cast(id % 5 as float) rating");
    for (String block : blocks) {
      runJava(block, ratings);
    }
    assertTrue(Files.exists(directory.resolve("words.model/index/metadata.json")));
  }

  @Tag("mllib")
  @Test
  void inASparkJob() throws Exception {
    List<String> blocks = blocks("In a Spark job", "java");
    assertEquals(5, blocks.size());
    for (String block : blocks) {
      runJava(block, null);
    }
    assertEquals(30, AnnoyIndex.open(directory.resolve("words.merged")).trees());
    String joined = directory.resolve("words.joined").toString();
    assertEquals(20_000, TestSpark.session().read().parquet(joined).count());
  }

  @Test
  void sql() throws Exception {
    buildWordsIndex();
    List<String> blocks = blocks("In SQL", "sql");
    assertEquals(1, blocks.size());
    List<Row> last = List.of();
    for (String statement : blocks.get(0).strip().split(";")) {
      last = TestSpark.session().sql(statement).collectAsList();
    }
    assertEquals(6, last.size());
  }

  /** The SQL of it, for which no Python is needed. */
  @Test
  void inPySpark() throws Exception {
    buildWordsIndex();
    List<String> blocks = blocks("In SQL", "python");
    assertEquals(1, blocks.size());
    Matcher call =
        Pattern.compile("spark\\.sql\\(\"(.+)\"\\)\\.show\\(\\)").matcher(blocks.get(0).strip());
    assertTrue(call.matches(), blocks.get(0));
    assertEquals(5, TestSpark.session().sql(call.group(1)).count());
  }

  @Test
  void format() throws Exception {
    List<String> blocks = blocks("As a DataFrame format", "java");
    assertEquals(1, blocks.size());
    runJava(blocks.get(0), null);
    assertFalse(
        TestSpark.session()
            .read()
            .format("annoy")
            .load(directory.resolve("words.saved").toString())
            .isEmpty());
  }

  /** With its own imports alone: nothing of Spark is assumed there. */
  @Test
  void inPlainJava() throws Exception {
    AnnoyIndex index = AnnoyIndex.open(buildWordsIndex());
    List<String> blocks = blocks("In plain Java", "java");
    assertEquals(1, blocks.size());
    String imports = ReadmeCode.imports(blocks.get(0));
    String run =
        "public static float[] run() throws Exception {\n"
            + ReadmeCode.withoutImports(blocks.get(0))
            + "return vector;\n}\n";
    try (URLClassLoader loader = ReadmeCode.compile(imports, run, directory)) {
      Object vector = loader.loadClass(ReadmeCode.CLASS_NAME).getMethod("run").invoke(null);
      int nearest = index.nearestToItem(0, 2, AnnoyIndex.DEFAULT_SEARCH_K).items()[1];
      assertArrayEquals(index.itemVector(nearest), (float[]) vector);
    }
  }

  @Test
  void inR() throws Exception {
    RcppAnnoy.require();
    Path index = buildWordsIndex();
    String name =
        TestSpark.names(index).stream().filter(n -> n.endsWith(".ann")).findAny().orElseThrow();
    List<String> blocks = blocks("In other clients", "r");
    assertEquals(1, blocks.size());
    String script = blocks.get(0).replace("index-BUILD.ann", index.resolve(name).toString());
    int[] expected =
        AnnoyIndex.open(index).nearestToItem(0, 10, AnnoyIndex.DEFAULT_SEARCH_K).items();
    assertArrayEquals(expected, printedNumbers(RcppAnnoy.run(directory, script)));
  }

  /** Of a vector as R prints it: each line starts with the place of its first number. */
  private static int[] printedNumbers(String printed) {
    return Pattern.compile("(?m)^ *\\[\\d+\\]((?: +\\d+)+)$")
        .matcher(printed)
        .results()
        .flatMap(line -> Stream.of(line.group(1).strip().split(" +", -1)))
        .mapToInt(Integer::parseInt)
        .toArray();
  }
}
