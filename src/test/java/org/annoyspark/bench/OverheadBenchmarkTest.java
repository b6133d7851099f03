package org.annoyspark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark comes to its end; no figure counts. */
class OverheadBenchmarkTest {

  @TempDir Path directory;

  @Test
  void everyLineIsPrinted() throws IOException {
    String words = directory.resolve("words.parquet").toString();
    Dataset<Row> some =
        TestSpark.session().read().parquet(TestSpark.WORDS.toString()).limit(300).coalesce(1);
    some.write().parquet(words);
    Path index = directory.resolve("words.index");
    new IndexBuild().trees(TreeCount.of(2)).run(some, index.toString());
    List<String> lines = new ArrayList<>();
    OverheadBenchmark.Effort effort = new OverheadBenchmark.Effort(200, 1, 1);
    OverheadBenchmark.run(
        TestSpark.session(), words, index, directory, name -> true, effort, lines::add);
    assertEquals(
        List.of(
            "overhead-build",
            "overhead-join-1000",
            "overhead-join-1000-batches",
            "overhead-sql-1000",
            "overhead-join-10000",
            "overhead-join-10000-batches",
            "overhead-sql-10000"),
        lines.stream().map(line -> line.split(" ")[0]).toList());
    for (String line : lines) {
      assertTrue(line.matches("\\S+ ratio [0-9.]+ \\(min [0-9.]+ max [0-9.]+\\): ours .*"), line);
    }
    assertTrue(lines.get(0).contains(", the last one's ms {check="), lines.get(0));
  }
}
