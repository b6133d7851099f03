package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.annoyspark.spark.TestSpark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code jobs/annoy-spark} sets for {@code spark-submit} arrives, on every Spark. */
class SparkSubmitIT {

  @TempDir Path directory;

  /** Spark 3.5 does not add the module by itself, and the user's own options must not drop it. */
  @Test
  void theModuleOfSimdIsThere() throws Exception {
    SparkHome home = SparkHome.layOut(ClusterExtension.DIRECTORY.resolve("spark-home-local"));
    Path index = directory.resolve("words.index");
    String words = TestSpark.WORDS.toString();
    String out =
        Submit.local(home, "build", "--input", words, "--output", index.toString())
            .with("--trees", "3")
            .simdKernels()
            .run();
    assertTrue(out.contains(", kernels: Vector API"), out);
    String name =
        TestSpark.names(index).stream().filter(n -> n.endsWith(".ann")).findAny().orElseThrow();
    assertEquals(TestSpark.WORDS_INDEX_SHA256, TestSpark.sha256(index.resolve(name)));
  }
}
