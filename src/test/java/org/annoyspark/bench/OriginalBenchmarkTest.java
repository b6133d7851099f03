package org.annoyspark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark compiles and comes to its end, and both sides answer alike; no figure counts. */
class OriginalBenchmarkTest {

  private static final int ITEMS = 2000;
  private static final int QUERIES = 200;

  /** Where Debian's r-cran-rcppannoy puts annoylib.h. */
  private static final Path HEADERS = Path.of("/usr/lib/R/site-library/RcppAnnoy/include");

  @TempDir Path directory;

  @Test
  void everyComparisonEndsWithALine() throws IOException {
    requireCompiler();
    build("words-angular", "angular");
    build("words-euclidean", "euclidean");
    for (String name : List.of("words", "implicit", "explicit")) {
      build(name + "-dot", "dot");
    }
    build("implicit-users", "dot");
    build("explicit-users", "dot");
    List<String> lines = new ArrayList<>();
    OriginalBenchmark.run(
        directory,
        HEADERS,
        name -> true,
        new OriginalBenchmark.Effort(1, 2, QUERIES, 3000),
        lines::add);
    assertEquals(25, lines.size());
    for (String line : lines.subList(0, 7)) {
      assertTrue(
          line.matches("build-[a-z0-9-]+ ratio .* recall@10 (0|1)\\.\\d+, original (0|1)\\..*"),
          line);
    }
    assertTrue(lines.get(6).matches(".* times one thread \\(min .*"), lines.get(6));
    for (String line : lines.subList(7, 19)) {
      assertTrue(line.matches("(query|bulk|largebulk)-words-[a-z]+-10000? ratio .*"), line);
      assertTrue(line.contains("same ids"), line);
      assertTrue(line.matches(".*same ids (\\d+) of \\1 queries.*"), line);
    }
    for (String line : lines.subList(19, 25)) {
      assertTrue(
          line.matches("dot-[a-z]+-\\d+ ratio .*, recall@10 (0|1)\\.\\d+, original (0|1)\\.\\d+"),
          line);
    }
  }

  private void build(String name, String metric) throws IOException {
    new IndexBuild()
        .metric(metric)
        .trees(TreeCount.of(3))
        .run(items(), directory.resolve(name + ".index").toString());
  }

  private static Dataset<Row> items() {
    Random random = new Random(1);
    List<Object> ids = new ArrayList<>();
    float[][] vectors = new float[ITEMS][20];
    for (int item = 0; item < ITEMS; item++) {
      ids.add(item);
      for (int z = 0; z < vectors[item].length; z++) {
        vectors[item][z] = (float) random.nextGaussian();
      }
    }
    return TestSpark.items(ids, vectors);
  }

  private static void requireCompiler() {
    boolean hasCompiler = Files.isExecutable(Path.of("/usr/bin/g++"));
    if (hasCompiler && Files.exists(HEADERS.resolve("annoylib.h"))) {
      return;
    }
    String missing = "no g++ or no " + HEADERS + "; install g++ and r-cran-rcppannoy to run this";
    if ("true".equals(System.getenv("CI"))) {
      fail(missing);
    }
    Assumptions.abort(missing);
  }
}
