package org.annoyspark.spark;

import java.nio.file.Path;
import java.util.List;
import org.annoyspark.index.TreeCount;
import org.apache.spark.sql.SparkSession;

/** A build in a JVM that ends, without any goodbye, as soon as the build tells of a stage. */
final class KilledBuild {

  static final int EXIT_CODE = 137;
  static final int TREES = 4;
  static final float[][] VECTORS = TestSpark.vectors(2000, 8, 3);
  static final List<String> IDS =
      TestSpark.numbers(VECTORS.length).stream().map(i -> "item " + (10_000 + i)).toList();

  private KilledBuild() {}

  /**
   * @param args the output, the stage, and settings as KEY=VALUE
   */
  public static void main(String[] args) throws Exception {
    SparkSession session = TestSpark.session();
    for (String setting : List.of(args).subList(2, args.length)) {
      String[] pair = setting.split("=", 2);
      session.conf().set(pair[0], pair[1]);
    }
    build()
        .progress(
            line -> {
              if (line.startsWith(args[1])) {
                Runtime.getRuntime().halt(EXIT_CODE);
              }
            })
        .run(TestSpark.items(IDS, VECTORS), args[0]);
  }

  static IndexBuild build() {
    return new IndexBuild().trees(TreeCount.of(TREES)).seed(5);
  }

  /** Runs it to its sudden end. */
  static void run(Path log, String... args) throws Exception {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "@" + Path.of("conf", "jvm.options"),
                KilledBuild.class.getName()));
    command.addAll(List.of(args));
    ProcessBuilder process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    process.environment().put("CLASSPATH", TestSpark.classPath());
    int exitCode = process.start().waitFor();
    if (exitCode != EXIT_CODE) {
      throw new AssertionError(
          "expected exit code " + EXIT_CODE + ", found " + exitCode + ": see " + log);
    }
  }
}
