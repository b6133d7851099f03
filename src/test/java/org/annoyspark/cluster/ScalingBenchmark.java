package org.annoyspark.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much faster the stages of a build are on two executors of one core each than on one, on a
 * standalone cluster: see docs/performance.md for how to run it.
 */
final class ScalingBenchmark {

  private static final int ROUNDS = 5;

  private static final Pattern STAGE = Pattern.compile("([a-z]+) ([0-9.]+)[,)]");

  private ScalingBenchmark() {}

  /**
   * @param arguments the Parquet file of items, a directory for indexes, and the number of trees
   */
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of("target", "scaling");
    SparkHome home = SparkHome.layOut(directory.resolve("spark-home"));
    SortedMap<String, double[]> one = new TreeMap<>();
    SortedMap<String, double[]> two = new TreeMap<>();
    try (StandaloneCluster cluster = StandaloneCluster.start(home, directory.resolve("spark"))) {
      for (int round = 0; round < ROUNDS; round++) {
        record(one, round, build(cluster, 1, arguments));
        record(two, round, build(cluster, 2, arguments));
      }
    }
    one.forEach((stage, seconds) -> print(stage, seconds, two.get(stage)));
  }

  private static Map<String, Double> build(StandaloneCluster cluster, int cores, String[] arguments)
      throws Exception {
    Path index = Files.createTempDirectory(Path.of(arguments[1]), "scaling");
    String out =
        Submit.to(cluster, "build", "--input", arguments[0], "--output", index.toString())
            .with("--trees", arguments[2])
            .conf("spark.cores.max", Integer.toString(cores))
            .conf("spark.locality.wait", "0")
            .simdKernels()
            .run();
    ChildProcess.deleteTree(index);
    Map<String, Double> seconds = new TreeMap<>();
    Matcher stages = STAGE.matcher(out.substring(out.lastIndexOf(" s (")));
    while (stages.find()) {
      seconds.put(stages.group(1), Double.valueOf(stages.group(2)));
    }
    return seconds;
  }

  private static void record(
      SortedMap<String, double[]> all, int round, Map<String, Double> seconds) {
    seconds.forEach(
        (stage, value) -> all.computeIfAbsent(stage, s -> new double[ROUNDS])[round] = value);
  }

  private static void print(String stage, double[] one, double[] two) {
    double[] ratios = new double[ROUNDS];
    Arrays.setAll(ratios, round -> one[round] / two[round]);
    System.out.printf(
        "stage-%s ratio %.2f (min %.2f max %.2f) seconds %.1f and %.1f%n",
        stage, median(ratios), min(ratios), max(ratios), median(one), median(two));
  }

  private static double median(double[] values) {
    return Arrays.stream(values).sorted().skip(values.length / 2).findFirst().orElseThrow();
  }

  private static double min(double[] values) {
    return Arrays.stream(values).min().orElseThrow();
  }

  private static double max(double[] values) {
    return Arrays.stream(values).max().orElseThrow();
  }
}
