package org.annoyspark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.spark.TestSpark;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark comes to its end, and exact rivals find everything; no figure counts. */
@Tag("mllib")
class SparkBenchmarkTest {

  @TempDir Path directory;

  @Test
  void everyRivalEndsWithALine() throws IOException {
    List<String> lines = new ArrayList<>();
    SparkBenchmark.run(
        TestSpark.session(),
        TestSpark.session().read().parquet(TestSpark.WORDS.toString()),
        directory,
        name -> true,
        300,
        1,
        lines::add);
    assertEquals(4, lines.size());
    for (String line : lines) {
      assertTrue(
          line.matches("spark-[a-z-]+ ratio .*, 300 items, .* recall@10 (0\\.9|1\\.0).*"), line);
      boolean isExact = !line.startsWith("spark-lsh");
      assertEquals(isExact, line.endsWith("rival 1.000"), line);
    }
  }
}
