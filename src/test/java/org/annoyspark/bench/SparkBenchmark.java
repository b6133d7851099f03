package org.annoyspark.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.annoyspark.eval.ExactSearcher;
import org.annoyspark.eval.Recall;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.Neighbors;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.KnnJoin;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.functions;

/**
 * A k-nearest-neighbour self join beside what a user of Spark has without us, from the DataFrame to
 * the last row, the build of our index included: prints {@code NAME ratio X (min A max B)} for
 * each, X above 1 where ours is faster. {@code jobs/bench spark} runs it.
 */
final class SparkBenchmark {

  static final int K = 10;

  private static final double LEAST_RECALL = 0.9;
  private static final int TREES = 20;
  private static final int MOST_RECALL_QUERIES = 500;
  private static final long SEED = 1;

  /**
   * A way to join.
   *
   * @param items how many of the words are joined, for which it takes less than a minute
   */
  record Line(String name, int items, Rival rival) {}

  /** Another way to join. */
  interface Rival {
    /**
     * @param items {@code id} int from 0, {@code features array<float>} of length 1
     * @return {@code id}, {@code near array<int>}: the nearest others, nearest first
     */
    Dataset<Row> join(Dataset<Row> items, int k) throws IOException;
  }

  /** Those of MLlib, which Spark 4.2 has not published. */
  private static List<Line> mllibLines() {
    return List.of(
        new Line("spark-blas-broadcast", 40_000, MllibRivals::blasBroadcast),
        new Line("spark-recommend-for-all", 40_000, MllibRivals::recommendForAll),
        new Line("spark-lsh-join", 3_000, MllibRivals::lshJoin));
  }

  private static final List<Line> SQL_LINES =
      List.of(
          new Line("spark-cross-join", 1_000, SparkBenchmark::crossJoin),
          new Line("spark-nearest-by", 1_000, SparkBenchmark::nearestBy));

  private final Dataset<Row> words;
  private final Path directory;
  private final int mostItems;
  private final int rounds;

  private SparkBenchmark(Dataset<Row> words, Path directory, int mostItems, int rounds) {
    this.words = words;
    this.directory = directory;
    this.mostItems = mostItems;
    this.rounds = rounds;
  }

  /**
   * @param args the words, a directory for indexes, then what names to run start with
   */
  public static void main(String[] args) throws IOException {
    List<String> wanted = List.of(args).subList(2, args.length);
    Predicate<String> isWanted = name -> wanted.stream().anyMatch(name::startsWith);
    try (SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", false).getOrCreate()) {
      run(
          spark,
          spark.read().parquet(args[0]),
          Path.of(args[1]),
          isWanted,
          Integer.MAX_VALUE,
          3,
          System.out::println);
    }
  }

  /**
   * @param words {@code features array<float>}
   * @param mostItems the smoke test has fewer
   */
  static void run(
      SparkSession spark,
      Dataset<Row> words,
      Path directory,
      Predicate<String> isWanted,
      int mostItems,
      int rounds,
      Consumer<String> out)
      throws IOException {
    SparkBenchmark benchmark = new SparkBenchmark(words, directory, mostItems, rounds);
    for (Line line : lines(spark)) {
      if (isWanted.test(line.name())) {
        out.accept(benchmark.run(line));
      }
    }
  }

  /** What that version of Spark has. */
  static List<Line> lines(SparkSession spark) {
    return spark.version().compareTo("4.2") < 0
        ? Stream.concat(mllibLines().stream(), SQL_LINES.stream().limit(1)).toList()
        : SQL_LINES;
  }

  private String run(Line line) throws IOException {
    Dataset<Row> items = items(words, Math.min(line.items(), mostItems)).cache();
    long count = items.count();
    String uri = directory.resolve(line.name() + ".index").toUri().toString();
    build(items, uri);
    AnnoyIndex index = AnnoyIndex.open(Path.of(URI.create(uri)));
    int[] drawn = draw(index.items());
    int searchK = searchK(index, drawn);
    Rival ours = (rows, k) -> ours(rows, k, uri, searchK);
    Comparison comparison =
        new Comparison(
            line.name(),
            () -> seconds(ours, items),
            "rival",
            () -> seconds(line.rival(), items),
            () ->
                String.format(
                    Locale.ROOT,
                    ", %d items, search-k %d, recall@10 %.3f, rival %.3f",
                    count,
                    searchK,
                    recall(ours.join(items, K), index, drawn),
                    recall(line.rival().join(items, K), index, drawn)));
    String text = comparison.run(1, rounds);
    items.unpersist();
    return text;
  }

  /** The first of the words, as int ids and vectors of length 1, in two partitions. */
  static Dataset<Row> items(Dataset<Row> words, int count) {
    return words
        .limit(count)
        .repartition(1)
        .selectExpr(
            "CAST(monotonically_increasing_id() AS int) AS id",
            "features",
            "sqrt(aggregate(features, 0D, (sum, x) -> sum + x * x)) AS length")
        .selectExpr("id", "transform(features, x -> CAST(x / length AS float)) AS features")
        .repartition(2);
  }

  /** The least that finds enough, so that ours is not measured for better answers. */
  private static int searchK(AnnoyIndex index, int[] drawn) {
    float[][] vectors = Arrays.stream(drawn).mapToObj(index::itemVector).toArray(float[][]::new);
    int searchK = 500;
    while (Recall.measure(index, vectors, drawn, K, searchK).recall() < LEAST_RECALL) {
      searchK = searchK * 5 / 4;
    }
    return searchK;
  }

  private static void build(Dataset<Row> items, String uri) throws IOException {
    new IndexBuild().metric("angular").trees(TreeCount.of(TREES)).overwrite(true).run(items, uri);
  }

  private static Dataset<Row> ours(Dataset<Row> items, int k, String uri, int searchK)
      throws IOException {
    build(items, uri);
    return new KnnJoin(k)
        .searchK(searchK)
        .excludeSelf(true)
        .run(items, uri)
        .selectExpr("id", "neighbors.id AS near");
  }

  /** All pairs by Spark's own operators. */
  private static Dataset<Row> crossJoin(Dataset<Row> items, int k) {
    String product = "aggregate(zip_with(features, other, (x, y) -> x * y), 0F, (s, x) -> s + x)";
    Dataset<Row> others = items.selectExpr("id AS other_id", "features AS other");
    return items
        .crossJoin(functions.broadcast(others))
        .where("id <> other_id")
        .selectExpr("id", "other_id", product + " AS product")
        .withColumn(
            "rank",
            functions
                .row_number()
                .over(Window.partitionBy("id").orderBy(functions.col("product").desc())))
        .where("rank <= " + k)
        .groupBy("id")
        .agg(
            functions.expr(
                "transform(array_sort(collect_list((rank, other_id))), x -> x.other_id)"))
        .toDF("id", "near");
  }

  /** What Spark 4.2 has for it. */
  private static Dataset<Row> nearestBy(Dataset<Row> items, int k) {
    items.createOrReplaceTempView("nearest_by_items");
    return items
        .sparkSession()
        .sql(
            "SELECT q.id, collect_list(i.id) AS near FROM nearest_by_items q"
                + " JOIN nearest_by_items i APPROX NEAREST "
                + (k + 1)
                + " BY SIMILARITY vector_inner_product(q.features, i.features)"
                + " GROUP BY q.id")
        .selectExpr("id", "filter(near, x -> x <> id) AS near");
  }

  /** By the clock: builds, planning, tasks and all. */
  private static double seconds(Rival rival, Dataset<Row> items) throws IOException {
    long start = System.nanoTime();
    rival.join(items, K).write().format("noop").mode("overwrite").save();
    return (System.nanoTime() - start) / 1e9;
  }

  private static int[] draw(int items) {
    int queries = Math.min(MOST_RECALL_QUERIES, items);
    return new Random(SEED).ints(0, items).distinct().limit(queries).sorted().toArray();
  }

  /** The share of the true neighbours that a join finds for the items drawn. */
  private static double recall(Dataset<Row> joined, AnnoyIndex index, int[] drawn) {
    float[][] vectors = Arrays.stream(drawn).mapToObj(index::itemVector).toArray(float[][]::new);
    Neighbors[] truth = new ExactSearcher(index).nearest(vectors, K + 1);
    List<Row> rows =
        joined
            .where(functions.col("id").isin(Arrays.stream(drawn).boxed().toArray()))
            .orderBy("id")
            .collectAsList();
    double hits = 0;
    for (Row row : rows) {
      int query = Arrays.binarySearch(drawn, row.getInt(0));
      List<Integer> near = row.getList(1);
      hits +=
          Arrays.stream(truth[query].items())
              .filter(item -> item != drawn[query])
              .limit(K)
              .filter(near::contains)
              .count();
    }
    return hits / drawn.length / K;
  }
}
