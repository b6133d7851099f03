package org.annoyspark.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.annoyspark.eval.MovieLensFactors;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.apache.spark.ml.recommendation.ALSModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Builds the indexes that benchmarks search, all in one session: {@code jobs/bench} runs it. */
final class BenchmarkIndexes {

  private static final int TREES = 10;
  private static final long SEED = 42;
  private static final int RANK = 100;

  private final SparkSession spark;
  private final String words;
  private final String ratings;
  private final Path directory;

  BenchmarkIndexes(SparkSession spark, String words, String ratings, Path directory) {
    this.spark = spark;
    this.words = words;
    this.ratings = ratings;
    this.directory = directory;
  }

  /**
   * @param args the words; ratings as {@link MovieLensFactors} takes them; where the indexes go;
   *     then which are wanted
   */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", false).getOrCreate()) {
      BenchmarkIndexes indexes = new BenchmarkIndexes(spark, args[0], args[1], Path.of(args[2]));
      for (String name : List.of(args).subList(3, args.length)) {
        indexes.build(name);
      }
    }
  }

  /**
   * Builds an index, in the place of one that is there.
   *
   * @param name {@code words-METRIC}; or {@code implicit} or {@code explicit}, two indexes: of
   *     films for the largest inner products, {@code NAME-dot}, and {@code NAME-users}, by factors
   *     of ratings that are taken so
   */
  void build(String name) throws IOException {
    if (name.startsWith("words-")) {
      build(spark.read().parquet(words), name, name.substring("words-".length()), TREES);
    } else {
      ALSModel factors = MovieLensFactors.fit(spark, ratings, RANK, name.equals("implicit"));
      build(factors.itemFactors(), name + "-dot", "dot", TREES);
      build(factors.userFactors(), name + "-users", "dot", 1);
    }
  }

  private void build(Dataset<Row> items, String name, String metric, int trees) throws IOException {
    IndexBuild.Report report =
        new IndexBuild()
            .metric(metric)
            .trees(TreeCount.of(trees))
            .seed(SEED)
            .overwrite(true)
            .run(items, directory.resolve(name + ".index").toString());
    System.out.println("built " + report.file());
  }
}
