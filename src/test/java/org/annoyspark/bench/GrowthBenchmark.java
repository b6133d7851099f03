package org.annoyspark.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a build takes of gaussian vectors, by how many there are and how long they are: prints the
 * seconds of its stages, and those of the trees by {@code items * log2(items)} and by dimension.
 */
final class GrowthBenchmark {

  private static final int TREES = 10;
  private static final long SEED = 1;

  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("features", DataTypes.createArrayType(DataTypes.FloatType, false));

  private final SparkSession spark;
  private final Path directory;

  private GrowthBenchmark(SparkSession spark, Path directory) {
    this.spark = spark;
    this.directory = directory;
  }

  /**
   * @param args a directory for vectors and indexes, then {@code ITEMSxDIMENSION} for each build; a
   *     first one warms up
   */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", false).getOrCreate()) {
      run(spark, Path.of(args[0]), List.of(args).subList(1, args.length), System.out::println);
    }
  }

  static void run(SparkSession spark, Path directory, List<String> sizes, Consumer<String> out)
      throws IOException {
    GrowthBenchmark benchmark = new GrowthBenchmark(spark, directory);
    for (String size : sizes) {
      String[] numbers = size.split("x");
      out.accept(benchmark.build(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])));
    }
  }

  private String build(int items, int dimension) throws IOException {
    String name = items + "x" + dimension;
    String vectors = directory.resolve(name + ".parquet").toUri().toString();
    gaussians(items, dimension).write().mode("overwrite").parquet(vectors);
    Map<String, Long> stageMillis =
        new IndexBuild()
            .trees(TreeCount.of(TREES))
            .overwrite(true)
            .run(
                spark.read().parquet(vectors),
                directory.resolve(name + ".index").toUri().toString())
            .stageMillis();
    double treesNanos = stageMillis.get("trees") * 1e6;
    double comparisons = items * (Math.log(items) / Math.log(2)) * TREES;
    return String.format(
        Locale.ROOT,
        "%s: %s, %.2f s, trees %.2f ns an item, tree and doubling",
        name,
        stageMillis,
        stageMillis.values().stream().mapToLong(millis -> millis).sum() / 1000.0,
        treesNanos / comparisons);
  }

  /** The same for a seed, however they are divided. */
  private Dataset<Row> gaussians(int items, int dimension) {
    GaussianVectors vectors = new GaussianVectors(dimension, SEED);
    MapFunction<Long, Row> row = id -> RowFactory.create(id, vectors.apply(id.intValue()));
    return spark.range(0, items, 1, 8).map(row, Encoders.row(SCHEMA));
  }
}
