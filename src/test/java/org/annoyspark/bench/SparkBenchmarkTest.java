package org.annoyspark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark comes to its end, and its rivals join; no figure counts. */
@Tag("mllib")
class SparkBenchmarkTest {

  private static final int ITEMS = 300;

  @TempDir Path directory;

  private static Dataset<Row> words() {
    return TestSpark.session().read().parquet(TestSpark.WORDS.toString());
  }

  @Test
  void aLineSaysWhatBothFind() throws IOException {
    List<String> lines = new ArrayList<>();
    SparkBenchmark.run(
        TestSpark.session(), words(), directory, "spark-lsh-join"::equals, ITEMS, 1, lines::add);
    assertEquals(1, lines.size());
    assertTrue(
        lines
            .get(0)
            .matches("spark-lsh-join ratio .*, 300 items, .*@10 (0\\.9|1\\.0).*, rival 0\\.9.*"),
        lines.get(0));
  }

  @Test
  void exactRivalsFindTheSame() throws IOException {
    Dataset<Row> items = SparkBenchmark.items(words(), ITEMS).cache();
    Map<String, List<Row>> joined = new HashMap<>();
    for (SparkBenchmark.Line line : SparkBenchmark.lines(TestSpark.session())) {
      joined.put(line.name(), line.rival().join(items, 5).orderBy("id").collectAsList());
    }
    assertEquals(4, joined.size());
    joined.remove("spark-lsh-join");
    List<Row> expected = joined.get("spark-cross-join");
    assertEquals(ITEMS, expected.size());
    joined.forEach((name, rows) -> assertEquals(expected, rows, name));
    items.unpersist();
  }
}
