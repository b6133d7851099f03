package org.annoyspark.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.annoyspark.eval.ExactSearcher;
import org.annoyspark.format.NodeStore;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.Neighbors;
import org.annoyspark.metric.Metric;

/**
 * Both sides grow a forest over the same items, ours from mapped item nodes to a file for each
 * tree, the original in memory; a unit of work is a forest.
 */
final class BuildComparison implements AutoCloseable {

  private static final int TREES = 10;
  private static final int K = 10;
  private static final int SEARCH_K = 1000;
  private static final long QUERY_SEED = 1;
  private static final int SCALING_ROUNDS = 5;

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final VectorSet vectors;
  private final Metric metric;
  private final NodeStore items;
  private final Path directory;
  private final GrownForest forest;
  private final Original original;
  private final int queries;
  private final int threads;

  /**
   * @param queries how many items to search for when recall is measured
   */
  BuildComparison(
      VectorSet vectors, Metric metric, int threads, int queries, Path program, Path directory)
      throws IOException {
    this.vectors = vectors;
    this.metric = metric;
    this.threads = threads;
    this.items = vectors.itemNodes(metric);
    this.directory = directory;
    this.forest = new GrownForest(metric, items, directory, TREES);
    this.original = Original.start(program);
    this.queries = queries;
    original.run("items", metric.name(), vectors.dimension(), vectors.file(), threads);
  }

  /** On one thread in CPU time of the process, on several by the clock. */
  Comparison named(String name) {
    return new Comparison(
        name, this::timed, "original", () -> original.run("build", TREES, threads), this::remark);
  }

  private double timed() throws IOException {
    long cpu = PROCESS.getProcessCpuTime();
    double seconds = seconds(threads);
    return threads == 1 ? (PROCESS.getProcessCpuTime() - cpu) / 1e9 : seconds;
  }

  private String remark() throws IOException {
    return threads == 1 ? quality() : scaling() + quality();
  }

  /** One thread beside several, in turn and by the clock. */
  private String scaling() throws IOException {
    double[] ratios = new double[SCALING_ROUNDS];
    for (int round = 0; round < ratios.length; round++) {
      double one = seconds(1);
      ratios[round] = one / seconds(threads);
    }
    Arrays.sort(ratios);
    return String.format(
        Locale.ROOT,
        ", %.2f times one thread (min %.2f max %.2f)",
        ratios[ratios.length / 2],
        ratios[0],
        ratios[ratios.length - 1]);
  }

  private double seconds(int growing) throws IOException {
    long start = System.nanoTime();
    forest.grow(growing);
    return (System.nanoTime() - start) / 1e9;
  }

  private String quality() throws IOException {
    Path ours = directory.resolve("ours.ann");
    Path theirs = directory.resolve("original.ann");
    forest.save(vectors.nodesFile(metric), ours);
    original.run("save", theirs);
    AnnoyIndex ourIndex = AnnoyIndex.open(ours, metric);
    float[][] drawn = drawItems(ourIndex);
    Neighbors[] truth = new ExactSearcher(ourIndex).nearest(drawn, K);
    return String.format(
        Locale.ROOT,
        ", recall@10 %.3f, original %.3f, file %.1f MB, original %.1f MB",
        recall(truth, ourIndex, drawn),
        recall(truth, AnnoyIndex.open(theirs, metric), drawn),
        Files.size(ours) / 1e6,
        Files.size(theirs) / 1e6);
  }

  private float[][] drawItems(AnnoyIndex index) {
    int[] drawn = new Random(QUERY_SEED).ints(queries, 0, index.items()).toArray();
    return Arrays.stream(drawn).mapToObj(index::itemVector).toArray(float[][]::new);
  }

  private static double recall(Neighbors[] truth, AnnoyIndex index, float[][] drawn) {
    Neighbors[] found = index.nearestToVectors(drawn, K, SEARCH_K);
    double hits = 0;
    for (int q = 0; q < truth.length; q++) {
      List<Integer> ids = Arrays.stream(found[q].items()).boxed().toList();
      hits += Arrays.stream(truth[q].items()).filter(ids::contains).count();
    }
    return hits / truth.length / K;
  }

  @Override
  public void close() throws IOException {
    original.close();
  }
}
