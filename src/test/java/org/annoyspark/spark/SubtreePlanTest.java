package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.annoyspark.index.TreeCount;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With fewer trees than slots, trees are divided among tasks, and it does not show. */
class SubtreePlanTest {

  @TempDir Path directory;
  private int builds;

  /** What a build made, and of which tasks. */
  private record Built(String sha256, int trees, StageTasks tasks) {}

  private interface Items {
    Dataset<Row> of(SparkSession session);
  }

  @AfterAll
  static void leaveNoSessionOfAnotherMaster() {
    TestSpark.session().stop();
  }

  @Test
  void threeTreesOnFourCoresHaveTheBytesThatTheyAlwaysHad() throws IOException {
    Built divided = build("local[4]", SubtreePlanTest::words, TreeCount.of(3));
    assertEquals(TestSpark.WORDS_INDEX_SHA256, divided.sha256());
    assertEquals(List.of(3), divided.tasks().of("tops of trees"));
    assertEquals(List.of(6), divided.tasks().of("subtrees"));
    assertEquals(List.of(3), divided.tasks().of("trees"));
  }

  @Test
  void oneTreeAndTwoHaveTheSameBytesOnOneCoreAndOnFour() throws IOException {
    for (int trees : new int[] {1, 2}) {
      Built whole = build("local[1]", SubtreePlanTest::words, TreeCount.of(trees));
      Built divided = build("local[4]", SubtreePlanTest::words, TreeCount.of(trees));
      assertEquals(whole.sha256(), divided.sha256());
      assertEquals(List.of(), whole.tasks().of("subtrees"));
      assertEquals(List.of(2 * trees), divided.tasks().of("subtrees"));
    }
  }

  /** With two slots, subtrees are larger than what is gathered at once. */
  @Test
  void subtreesWithUpperLevelsOfTheirOwn() throws IOException {
    Items items = session -> hashes(session, 150_000, 3);
    Built whole = build("local[1]", items, TreeCount.of(1));
    Built divided = build("local[2]", items, TreeCount.of(1));
    assertEquals(whole.sha256(), divided.sha256());
    int tasks = divided.tasks().of("subtrees").get(0);
    assertTrue(tasks >= 8 && tasks <= 16, tasks + " tasks");
  }

  /** The second wave has fewer trees than there are slots. */
  @Test
  void wavesOfTreesMayBeDivided() throws IOException {
    Items items = session -> hashes(session, 17_000, 12);
    Built whole = build("local[1]", items, TreeCount.auto());
    Built divided = build("local[4]", items, TreeCount.auto());
    assertEquals(whole.sha256(), divided.sha256());
    assertTrue(divided.trees() > 4, divided.trees() + " trees");
    assertEquals(List.of(), whole.tasks().of("subtrees"));
    assertEquals(1, divided.tasks().of("subtrees").size());
  }

  @Test
  void smallTreesAreLeftWhole() throws IOException {
    Built built = build("local[4]", session -> hashes(session, 16_384, 2), TreeCount.of(1));
    assertEquals(List.of(), built.tasks().of("subtrees"));
  }

  private static Dataset<Row> words(SparkSession session) {
    return session.read().parquet(TestSpark.WORDS.toString());
  }

  private static Dataset<Row> hashes(SparkSession session, int count, int dimension) {
    String coordinate = "cast(xxhash64(id, z) / 9.3e18 as float)";
    return session
        .range(0, count, 1, 2)
        .selectExpr(
            "cast(id as int) as id",
            "transform(sequence(1, " + dimension + "), z -> " + coordinate + ") as features");
  }

  /** Builds in a session of its own. */
  private Built build(String master, Items items, TreeCount trees) throws IOException {
    TestSpark.session().stop();
    SparkSession session = TestSpark.session(master);
    assertEquals(master, session.sparkContext().master());
    StageTasks tasks = new StageTasks();
    session.sparkContext().addSparkListener(tasks);
    IndexBuild.Report report =
        new IndexBuild()
            .trees(trees)
            .run(items.of(session), directory.resolve("index" + builds++).toString());
    session.stop();
    return new Built(TestSpark.sha256(TestSpark.file(report)), report.metadata().trees(), tasks);
  }
}
