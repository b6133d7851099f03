package org.annoyspark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.TreeCount;
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

  private static final String IMPORTS =
      "import org.apache.spark.sql.*;\nimport org.annoyspark.index.TreeCount;\n";

  @TempDir Path directory;

  private void runJava(String code, Dataset<Row> ratings) throws Exception {
    String imports =
        code.lines()
            .filter(line -> line.startsWith("import "))
            .collect(Collectors.joining("\n", IMPORTS, "\n"));
    String statements =
        code.lines().filter(line -> !line.startsWith("import ")).collect(Collectors.joining("\n"));
    String run =
        "public static void run(SparkSession spark, Dataset<Row> ratings) throws Exception {\n"
            + statements
            + "}\n";
    try (URLClassLoader loader = ReadmeCode.compile(imports, run, directory)) {
      loader
          .loadClass(ReadmeCode.CLASS_NAME)
          .getMethod("run", SparkSession.class, Dataset.class)
          .invoke(null, TestSpark.session(), ratings);
    }
  }

  private List<String> blocks(String section, String language) throws IOException {
    return ReadmeCode.blocks(section, language, directory);
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
    SparkSession session = TestSpark.session();
    new IndexBuild()
        .trees(TreeCount.of(2))
        .run(
            session.read().parquet(TestSpark.WORDS.toString()),
            directory.resolve("words.index").toString());
    List<String> blocks = blocks("In SQL", "sql");
    assertEquals(1, blocks.size());
    List<Row> last = List.of();
    for (String statement : blocks.get(0).strip().split(";")) {
      last = session.sql(statement).collectAsList();
    }
    assertEquals(6, last.size());
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
}
