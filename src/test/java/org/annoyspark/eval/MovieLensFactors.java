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
public final class MovieLensFactors {

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
    ALSModel model = fit(session, args[0], Integer.parseInt(args[2]), args[3].equals("implicit"));
    model.itemFactors().write().parquet(args[1] + "/items.parquet");
    model.userFactors().write().parquet(args[1] + "/users.parquet");
    session.stop();
  }

  /**
   * The factors, which are the same each time.
   *
   * @param ratings a CSV file as {@link #main} takes it
   */
  public static ALSModel fit(SparkSession session, String ratings, int rank, boolean isImplicit) {
    Dataset<Row> rows =
        session.read().option("header", true).option("inferSchema", true).csv(ratings);
    return new ALS()
        .setUserCol("userId")
        .setItemCol("movieId")
        .setRatingCol("rating")
        .setRank(rank)
        .setImplicitPrefs(isImplicit)
        .setMaxIter(MAX_ITERATIONS)
        .setRegParam(REGULARIZATION)
        .setSeed(SEED)
        .fit(rows.repartition(1));
  }
}
