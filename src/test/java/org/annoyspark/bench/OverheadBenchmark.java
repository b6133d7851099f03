package org.annoyspark.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.annoyspark.format.NodeStore;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.Metric;
import org.annoyspark.spark.BatchBytes;
import org.annoyspark.spark.GrowingBatch;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.KnnJoin;
import org.annoyspark.spark.sql.AnnoyFunctions;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What Spark adds to the work itself, on one core and by the clock: the join beside a bulk search
 * of the same vectors, the SQL function beside the join, and a build beside writing nodes, growing
 * trees and merging without Spark. Prints {@code NAME ratio X (min A max B)}, X being the other's
 * time over that of what is named first. {@code jobs/bench overhead} runs it.
 */
final class OverheadBenchmark {

  private static final int K = 10;
  private static final int TREES = 10;
  private static final int PARTITIONS = 2;

  /** What Spark takes for an id and a vector of 100 floats. */
  private static final int ROW_BYTES = 450;

  private static final int[] SEARCH_KS = {1000, 10_000};

  /**
   * How much is done; the smoke test does less.
   *
   * @param queries how many of the words are looked up at search-k 1,000; less at 10,000
   */
  record Effort(int queries, int warmUpRounds, int rounds) {}

  private final Dataset<Row> words;
  private final Path index;
  private final Path directory;
  private final Effort effort;

  private OverheadBenchmark(Dataset<Row> words, Path index, Path directory, Effort effort) {
    this.words = words;
    this.index = index;
    this.directory = directory;
    this.effort = effort;
  }

  /**
   * @param args the words, an index of them by {@code angular}, a directory for what comes up; then
   *     what names to run start with, all if none
   */
  public static void main(String[] args) throws IOException {
    List<String> wanted = List.of(args).subList(3, args.length);
    Predicate<String> isWanted =
        name -> wanted.isEmpty() || wanted.stream().anyMatch(name::startsWith);
    try (SparkSession spark =
        SparkSession.builder().master("local[1]").config("spark.ui.enabled", false).getOrCreate()) {
      Effort effort = new Effort(100_000, 2, 5);
      Path directory = Path.of(args[2]);
      run(spark, args[0], Path.of(args[1]), directory, isWanted, effort, System.out::println);
    }
  }

  static void run(
      SparkSession spark,
      String words,
      Path index,
      Path directory,
      Predicate<String> isWanted,
      Effort effort,
      Consumer<String> out)
      throws IOException {
    AnnoyFunctions.register(spark);
    OverheadBenchmark benchmark =
        new OverheadBenchmark(spark.read().parquet(words), index, directory, effort);
    if (isWanted.test("overhead-build")) {
      out.accept(benchmark.build().run(effort.warmUpRounds(), effort.rounds()));
    }
    for (int searchK : SEARCH_KS) {
      benchmark.lookUps(searchK, isWanted, out);
    }
  }

  private void lookUps(int searchK, Predicate<String> isWanted, Consumer<String> out)
      throws IOException {
    // So that lines of either take about as long.
    int count = searchK > 1000 ? effort.queries() / 5 : effort.queries();
    Dataset<Row> queries = words.limit(count).repartition(PARTITIONS).cache();
    String join = "overhead-join-" + searchK;
    if (isWanted.test(join)) {
      float[][] vectors = vectors(queries);
      AnnoyIndex opened = AnnoyIndex.open(index);
      Comparison comparison =
          new Comparison(
              join,
              () -> seconds(join(queries, searchK)),
              "search alone",
              () -> seconds(() -> opened.nearestToVectors(vectors, K, searchK)),
              () -> "");
      out.accept(comparison.run(effort.warmUpRounds(), effort.rounds()));
      List<float[][]> batches = batches(vectors, opened);
      Comparison inBatches =
          new Comparison(
              join + "-batches",
              () -> seconds(join(queries, searchK)),
              "search of the same batches",
              () -> seconds(() -> batches.forEach(it -> opened.nearestToVectors(it, K, searchK))),
              () -> ", of " + batches.stream().map(batch -> batch.length).toList());
      out.accept(inBatches.run(effort.warmUpRounds(), effort.rounds()));
    }
    String sql = "overhead-sql-" + searchK;
    if (isWanted.test(sql)) {
      String call =
          String.format(
              Locale.ROOT, "annoy_neighbors('%s', features, %d, %d) as n", index, K, searchK);
      Comparison comparison =
          new Comparison(
              sql,
              () -> seconds(queries.selectExpr("id", call)),
              "join",
              () -> seconds(join(queries, searchK)),
              () -> "");
      out.accept(comparison.run(effort.warmUpRounds(), effort.rounds()));
    }
    queries.unpersist();
  }

  private Dataset<Row> join(Dataset<Row> queries, int searchK) throws IOException {
    return new KnnJoin(K).searchK(searchK).run(queries, index.toString());
  }

  /** As the join makes them in the partitions, which are bounded in memory. */
  private static List<float[][]> batches(float[][] vectors, AnnoyIndex index) {
    BatchBytes batchBytes = BatchBytes.of(new Configuration());
    long rowBytes = batchBytes.ofQuery(index, K, Float.BYTES) + ROW_BYTES;
    List<float[][]> batches = new ArrayList<>();
    int half = vectors.length / PARTITIONS;
    for (int partition = 0; partition < PARTITIONS; partition++) {
      GrowingBatch<float[]> batch = new GrowingBatch<>(batchBytes);
      for (int i = partition * half; i < (partition + 1) * half; i++) {
        if (batch.add(vectors[i], rowBytes)) {
          batches.add(batch.take().toArray(float[][]::new));
        }
      }
      batches.add(batch.take().toArray(float[][]::new));
    }
    return batches;
  }

  private static float[][] vectors(Dataset<Row> rows) {
    List<Row> collected = rows.select("features").collectAsList();
    float[][] vectors = new float[collected.size()][];
    for (int i = 0; i < vectors.length; i++) {
      List<Float> values = collected.get(i).getList(0);
      vectors[i] = new float[values.size()];
      for (int z = 0; z < values.size(); z++) {
        vectors[i][z] = values.get(z);
      }
    }
    return vectors;
  }

  /** From Parquet, beside vectors that are in memory and are not checked. */
  private Comparison build() throws IOException {
    AnnoyIndex opened = AnnoyIndex.open(index);
    Metric metric = opened.metric();
    VectorSet vectors =
        VectorSet.of("words", opened.items(), metric.dimension(), directory, opened::itemVector);
    String built = directory.resolve("overhead.index").toUri().toString();
    IndexBuild build = new IndexBuild().trees(TreeCount.of(TREES)).overwrite(true);
    StringBuilder stages = new StringBuilder();
    return new Comparison(
        "overhead-build",
        () ->
            seconds(
                () -> {
                  stages.setLength(0);
                  stages
                      .append(", the last one's ms ")
                      .append(build.run(words, built).stageMillis());
                }),
        "alone",
        () ->
            seconds(
                () -> {
                  NodeStore items = vectors.itemNodes(metric);
                  GrownForest forest = new GrownForest(metric, items, directory, TREES);
                  forest.grow(1);
                  forest.save(vectors.nodesFile(metric), directory.resolve("alone.ann"));
                }),
        stages::toString);
  }

  /** Tasks, planning and all. */
  private static double seconds(Dataset<Row> rows) throws IOException {
    return seconds(() -> rows.write().format("noop").mode("overwrite").save());
  }

  private interface Work {
    void run() throws IOException;
  }

  private static double seconds(Work work) throws IOException {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }
}
