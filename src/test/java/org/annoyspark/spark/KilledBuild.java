package org.annoyspark.spark;

import java.nio.file.Path;
import java.util.List;
import org.annoyspark.index.TreeCount;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A build in a JVM that ends, without any goodbye, where it is told to. */
final class KilledBuild {

  static final int EXIT_CODE = 137;
  static final int TREES = 4;
  static final float[][] VECTORS = vectors(2000);
  static final List<String> IDS = ids(2000);

  private KilledBuild() {}

  /**
   * @param args the output, the stage of which the build must not tell or nothing, the number of
   *     items, and settings as KEY=VALUE
   */
  public static void main(String[] args) throws Exception {
    SparkSession session = TestSpark.session();
    for (String setting : List.of(args).subList(3, args.length)) {
      String[] pair = setting.split("=", 2);
      session.conf().set(pair[0], pair[1]);
    }
    build()
        .resume(true)
        .progress(
            line -> {
              if (!args[1].isEmpty() && line.startsWith(args[1])) {
                Runtime.getRuntime().halt(EXIT_CODE);
              }
            })
        .run(items(Integer.parseInt(args[2])), args[0]);
  }

  private static float[][] vectors(int count) {
    return TestSpark.vectors(count, 8, 3);
  }

  private static List<String> ids(int count) {
    return TestSpark.numbers(count).stream().map(i -> "item " + (10_000 + i)).toList();
  }

  /** That many; with {@link #VECTORS} and {@link #IDS}, if that is how many. */
  static Dataset<Row> items(int count) {
    return TestSpark.items(ids(count), vectors(count));
  }

  static IndexBuild build() {
    return new IndexBuild().trees(TreeCount.of(TREES)).seed(5);
  }

  /** Runs it to its sudden end: as soon as the build tells of a stage. */
  static void run(Path log, String output, String stage, String... settings) throws Exception {
    run(log, output, stage, VECTORS.length, List.of(settings));
  }

  /** The same, or where the settings say. */
  static void run(Path log, String output, String stage, int items, List<String> settings)
      throws Exception {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                // What the optimizing compiler takes, a JVM of some seconds never earns.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                // SIMD needs the optimizing compiler.
                "-Dannoyspark.simd=false",
                // As sites set it; it says nothing of the cores.
                "-Dspark.default.parallelism=1",
                "@" + Path.of("conf", "jvm.options"),
                KilledBuild.class.getName()));
    command.addAll(List.of(output, stage, Integer.toString(items)));
    command.addAll(settings);
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
