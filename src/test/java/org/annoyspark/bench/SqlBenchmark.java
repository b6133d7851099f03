package org.annoyspark.bench;

import java.io.IOException;
import java.util.Locale;
import org.annoyspark.spark.KnnJoin;
import org.annoyspark.spark.sql.AnnoyFunctions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The SQL function beside {@link KnnJoin}, on the same rows in the same session: prints {@code NAME
 * ratio X (min A max B)}, X above 1 where the function is faster.
 */
final class SqlBenchmark {

  private static final int K = 10;
  private static final int[] SEARCH_KS = {1000, 10_000};

  private SqlBenchmark() {}

  /**
   * @param args the index of the words, the words, and how many rows to look up
   */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark =
        SparkSession.builder().master("local[1]").config("spark.ui.enabled", false).getOrCreate()) {
      AnnoyFunctions.register(spark);
      Dataset<Row> queries =
          spark.read().parquet(args[1]).limit(Integer.parseInt(args[2])).repartition(2).cache();
      queries.count();
      for (int searchK : SEARCH_KS) {
        String call =
            String.format(
                Locale.ROOT, "annoy_neighbors('%s', features, %d, %d) as n", args[0], K, searchK);
        Comparison comparison =
            new Comparison(
                "sql-words-angular-" + searchK,
                () -> seconds(queries.selectExpr("id", call)),
                "join",
                () -> seconds(new KnnJoin(K).searchK(searchK).run(queries, args[0])),
                () -> "");
        System.out.println(comparison.run(2, 5));
      }
    }
  }

  /** The clock's: tasks, planning and all. */
  private static double seconds(Dataset<Row> rows) {
    long start = System.nanoTime();
    rows.write().format("noop").mode("overwrite").save();
    return (System.nanoTime() - start) / 1e9;
  }
}
