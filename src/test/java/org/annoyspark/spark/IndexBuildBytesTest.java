package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.index.TreeCount;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same rows, parameters and seed give the same bytes; another seed gives others. */
class IndexBuildBytesTest {

  private static final int COUNT = 1000;
  private static final float[][] VECTORS = TestSpark.vectors(COUNT, 10, 5);

  @TempDir Path directory;
  private int builds;

  @AfterAll
  static void leaveNoSessionOfAnotherMaster() {
    TestSpark.session().stop();
  }

  @Test
  void neitherPartitionsNorTheOrderOfRowsShow() throws IOException {
    List<String> words = IntStream.range(0, COUNT).mapToObj(i -> "word " + i * 7919).toList();
    for (List<?> ids : List.of(TestSpark.numbers(COUNT), words)) {
      Dataset<Row> items = TestSpark.items(ids, VECTORS);
      Set<String> files = new TreeSet<>();
      files.add(sha256(items.coalesce(1), TreeCount.of(4), 42));
      files.add(sha256(items.repartition(3), TreeCount.of(4), 42));
      files.add(sha256(items.orderBy(functions.rand(1)).repartition(7), TreeCount.of(4), 42));
      files.add(sha256(items.orderBy(functions.desc("id")), TreeCount.of(4), 42));
      assertEquals(1, files.size());
    }
  }

  @Test
  void anotherSeedGivesAnotherFile() throws IOException {
    Dataset<Row> items = TestSpark.items(TestSpark.numbers(COUNT), VECTORS);
    assertNotEquals(sha256(items, TreeCount.of(2), 1), sha256(items, TreeCount.of(2), 2));
  }

  /** One tree more or less than the rule wants would show in the number of nodes. */
  @Test
  void autoGrowsTheFewestTreesThatDoubleTheNodes() throws IOException {
    Dataset<Row> items = TestSpark.items(TestSpark.numbers(COUNT), VECTORS);
    IndexMetadata auto = build(items, TreeCount.auto(), 42).metadata();
    assertTrue(treesAndItems(auto) >= 2 * COUNT, auto.toString());
    IndexMetadata oneLess = build(items, TreeCount.of(auto.trees() - 1), 42).metadata();
    assertTrue(treesAndItems(oneLess) < 2 * COUNT, oneLess.toString());
  }

  private static int treesAndItems(IndexMetadata metadata) {
    int rootCopies = metadata.trees();
    return metadata.nodes() - rootCopies;
  }

  @Test
  void neitherTheNumberOfCoresNorTheWaveOfTreesShows() throws IOException {
    Set<String> fixed = new TreeSet<>();
    Set<String> auto = new TreeSet<>();
    // The first wave has a tree for each core: with 16, more than are needed.
    for (String master : List.of("local[1]", "local[2]", "local[16]")) {
      TestSpark.session().stop();
      assertEquals(master, TestSpark.session(master).sparkContext().master());
      Dataset<Row> items = TestSpark.items(TestSpark.numbers(COUNT), VECTORS);
      fixed.add(sha256(items, TreeCount.of(4), 42));
      auto.add(sha256(items, TreeCount.auto(), 42));
    }
    assertEquals(1, fixed.size());
    assertEquals(1, auto.size());
    assertNotEquals(fixed, auto);
  }

  private String sha256(Dataset<Row> items, TreeCount trees, long seed) throws IOException {
    return TestSpark.sha256(TestSpark.file(build(items, trees, seed)));
  }

  private IndexBuild.Report build(Dataset<Row> items, TreeCount trees, long seed)
      throws IOException {
    return new IndexBuild()
        .metric("manhattan")
        .trees(trees)
        .seed(seed)
        .run(items, directory.resolve("index" + builds++).toString());
  }
}
