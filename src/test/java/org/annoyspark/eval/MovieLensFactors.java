package org.annoyspark.eval;

import org.apache.spark.ml.recommendation.ALS;
import org.apache.spark.ml.recommendation.ALSModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Makes the item and user factors that figures about {@code dot} are measured on: see
 * docs/performance.md, which tells where the ratings come from.
 */
final class MovieLensFactors {

  private static final int MAX_ITERATIONS = 10;
  private static final double REGULARIZATION = 0.1;
  private static final long SEED = 42;

  private MovieLensFactors() {}

  /**
   * Writes {@code items.parquet} and {@code users.parquet}, with columns id and features.
   *
   * @param args a CSV file with columns userId, movieId and rating; the output directory; the rank;
   *     and explicit or implicit
   */
  public static void main(String[] args) {
    SparkSession session = SparkSession.builder().master("local[2]").getOrCreate();
    Dataset<Row> ratings =
        session.read().option("header", true).option("inferSchema", true).csv(args[0]);
    ALSModel model =
        new ALS()
            .setUserCol("userId")
            .setItemCol("movieId")
            .setRatingCol("rating")
            .setRank(Integer.parseInt(args[2]))
            .setImplicitPrefs(args[3].equals("implicit"))
            .setMaxIter(MAX_ITERATIONS)
            .setRegParam(REGULARIZATION)
            .setSeed(SEED)
            .fit(ratings.repartition(1));
    model.itemFactors().write().parquet(args[1] + "/items.parquet");
    model.userFactors().write().parquet(args[1] + "/users.parquet");
    session.stop();
  }
}
