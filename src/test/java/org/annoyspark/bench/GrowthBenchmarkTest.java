package org.annoyspark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.spark.TestSpark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark comes to its end; no figure counts. */
class GrowthBenchmarkTest {

  @TempDir Path directory;

  @Test
  void everySizeEndsWithALine() throws IOException {
    List<String> lines = new ArrayList<>();
    GrowthBenchmark.run(TestSpark.session(), directory, List.of("200x8", "300x16"), lines::add);
    assertEquals(2, lines.size());
    assertTrue(lines.get(0).matches("200x8: \\{check=.* trees [0-9.]+ ns .*"), lines.get(0));
    assertTrue(lines.get(1).startsWith("300x16: {check="), lines.get(1));
  }
}
