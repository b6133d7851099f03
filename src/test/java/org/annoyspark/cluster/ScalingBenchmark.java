package org.annoyspark.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How much faster the stages of a build are on two workers of one core each than on one, on a
 * standalone cluster whose workers have a core of their own: see docs/performance.md for how to run
 * it. Each application builds several times; its first build, in which the executors load and
 * compile their code, counts apart.
 */
final class ScalingBenchmark {

  /** Of each number of executors, in turn. */
  private static final int APPLICATIONS = 2;

  private static final int BUILDS = 10;

  /** The first build, and more before the optimizing compiler has little left to do. */
  private static final int COLD_BUILDS = 5;

  private final SortedMap<String, List<Double>> first = new TreeMap<>();
  private final SortedMap<String, List<Double>> warm = new TreeMap<>();

  private ScalingBenchmark() {}

  /**
   * @param arguments the Parquet file of items, a directory for indexes, and the number of trees
   */
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of("target", "scaling");
    SparkHome home = SparkHome.layOut(directory.resolve("spark-home"));
    ScalingBenchmark one = new ScalingBenchmark();
    ScalingBenchmark two = new ScalingBenchmark();
    try (StandaloneCluster cluster =
        StandaloneCluster.startPinned(home, directory.resolve("spark"))) {
      for (int application = 0; application < APPLICATIONS; application++) {
        one.build(cluster, 1, arguments);
        two.build(cluster, 2, arguments);
      }
    }
    print("first", one.first, two.first);
    print("warm", one.warm, two.warm);
  }

  private void build(StandaloneCluster cluster, int executors, String[] arguments)
      throws Exception {
    try (SparkSession spark = application(cluster, executors)) {
      Dataset<Row> items = spark.read().parquet(arguments[0]);
      TreeCount trees = TreeCount.of(Integer.parseInt(arguments[2]));
      for (int build = 0; build < BUILDS; build++) {
        Map<String, Long> stageMillis = build(items, trees, Path.of(arguments[1]));
        System.out.printf("%d executors, build %d: %s%n", executors, build, stageMillis);
        if (build == 0) {
          record(stageMillis, first);
        } else if (build >= COLD_BUILDS) {
          record(stageMillis, warm);
        }
      }
    }
  }

  private static SparkSession application(StandaloneCluster cluster, int executors) {
    return SparkSession.builder()
        .master(cluster.master())
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.jars", Path.of("target", "annoy-spark.jar").toUri().toString())
        .config("spark.cores.max", executors)
        .config("spark.ui.enabled", false)
        .config("spark.locality.wait", "0")
        .config(
            "spark.executor.extraJavaOptions",
            "--add-modules=jdk.incubator.vector " + cluster.home().jvmOptions())
        .getOrCreate();
  }

  private static Map<String, Long> build(Dataset<Row> items, TreeCount trees, Path directory)
      throws Exception {
    Path index = Files.createTempDirectory(directory, "scaling");
    try {
      return new IndexBuild().trees(trees).run(items, index.toUri().toString()).stageMillis();
    } finally {
      ChildProcess.deleteTree(index);
    }
  }

  private static void record(
      Map<String, Long> stageMillis, SortedMap<String, List<Double>> seconds) {
    stageMillis.forEach((stage, millis) -> record(stage, millis, seconds));
    record("trees+merge", stageMillis.get("trees") + stageMillis.get("merge"), seconds);
  }

  private static void record(String stage, long millis, SortedMap<String, List<Double>> seconds) {
    seconds.computeIfAbsent(stage, s -> new ArrayList<>()).add(millis / 1000.0);
  }

  private static void print(
      String builds, SortedMap<String, List<Double>> one, SortedMap<String, List<Double>> two) {
    one.forEach(
        (stage, ofOne) -> {
          List<Double> ofTwo = two.get(stage);
          List<Double> ratios =
              IntStream.range(0, ofOne.size())
                  .mapToObj(build -> ofOne.get(build) / ofTwo.get(build))
                  .sorted()
                  .toList();
          System.out.printf(
              "%s-%s ratio %.2f (min %.2f max %.2f) seconds %.2f and %.2f%n",
              builds,
              stage,
              median(ratios),
              ratios.get(0),
              ratios.get(ratios.size() - 1),
              median(ofOne),
              median(ofTwo));
        });
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }
}
