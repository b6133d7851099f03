package org.annoyspark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.spark.TestSpark;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clusters are often set to Kryo, which cannot take records on JDK 17. */
class KryoTest {

  private static final String SERIALIZER = "org.apache.spark.serializer.KryoSerializer";

  @TempDir Path directory;

  /** A command would take it for its own. */
  @BeforeAll
  static void stopTheSession() {
    TestSpark.session().stop();
  }

  /** Fewer trees than cores, so that subtrees are tasks, too. */
  @Test
  void builds() {
    String words = TestSpark.WORDS.toString();
    run("build", "--input", words, "--output", at("index"), "--trees", "1");
    run("add-trees", "--index", at("index"), "--trees", "1");
  }

  private String at(String name) {
    return directory.resolve(name).toString();
  }

  private static void run(String... args) {
    List<Object> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--conf", "spark.serializer=" + SERIALIZER));
    CommandRun run = CommandRun.withSpark(all.toArray());
    assertEquals(0, run.exitCode(), run.err());
  }
}
