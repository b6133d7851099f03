package org.annoyspark.bench;

import dev.ludovic.netlib.blas.BLAS;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.feature.BucketedRandomProjectionLSH;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.recommendation.ALSModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Ways to join that MLlib, or the BLAS that comes with it, offers; for {@link SparkBenchmark}. */
final class MllibRivals {

  private static final int BATCH_QUERIES = 256;
  private static final int BLOCK_ITEMS = 4096;

  /** How far from each other items are that hashing looks for; of vectors of length 1. */
  private static final double MOST_DISTANCE = 1.05;

  private static final StructType JOINED =
      new StructType()
          .add("id", DataTypes.IntegerType)
          .add("near", DataTypes.createArrayType(DataTypes.IntegerType));

  private MllibRivals() {}

  /** The exact search in blocks that ALS has for its recommendations, with items for users. */
  static Dataset<Row> recommendForAll(Dataset<Row> items, int k) {
    int rank = items.first().getList(1).size();
    return new ALSModel("als", rank, items, items)
        .setUserCol("id")
        .setItemCol("other")
        .recommendForAllUsers(k + 1)
        .selectExpr("id", "filter(recommendations.other, x -> x <> id) AS near");
  }

  /** Hashing, then the nearest of what comes out. */
  static Dataset<Row> lshJoin(Dataset<Row> items, int k) {
    Dataset<Row> vectors =
        items
            .withColumn("vector", functions.array_to_vector(items.col("features")))
            .drop("features");
    return new BucketedRandomProjectionLSH()
        .setInputCol("vector")
        .setOutputCol("hashes")
        .setBucketLength(0.4)
        .setNumHashTables(3)
        .setSeed(1)
        .fit(vectors)
        .approxSimilarityJoin(vectors, vectors, MOST_DISTANCE, "distance")
        .selectExpr("datasetA.id AS id", "datasetB.id AS other", "distance")
        .where("id <> other")
        .groupBy("id")
        .agg(
            org.apache.spark.sql.functions.expr(
                "slice(array_sort(collect_list((distance, other))).other, 1, " + k + ")"))
        .toDF("id", "near");
  }

  /** All vectors in every task, and matrix products. */
  static Dataset<Row> blasBroadcast(Dataset<Row> items, int k) {
    List<Row> rows = items.collectAsList();
    int[] ids = rows.stream().mapToInt(row -> row.getInt(0)).toArray();
    float[] matrix = matrix(rows);
    var spark = JavaSparkContext.fromSparkContext(items.sparkSession().sparkContext());
    Broadcast<int[]> allIds = spark.broadcast(ids);
    Broadcast<float[]> all = spark.broadcast(matrix);
    MapPartitionsFunction<Row, Row> task =
        queries -> new BlasSearch(allIds.value(), all.value(), k).join(queries);
    return items.mapPartitions(task, Encoders.row(JOINED));
  }

  /** Vectors one after the other. */
  private static float[] matrix(List<Row> rows) {
    int dimension = rows.get(0).getList(1).size();
    float[] matrix = new float[rows.size() * dimension];
    for (int row = 0; row < rows.size(); row++) {
      List<Float> vector = rows.get(row).getList(1);
      for (int z = 0; z < dimension; z++) {
        matrix[row * dimension + z] = vector.get(z);
      }
    }
    return matrix;
  }

  /** Brute force. */
  private record BlasSearch(int[] ids, float[] items, int k) {

    Iterator<Row> join(Iterator<Row> queries) {
      List<Row> joined = new ArrayList<>();
      while (queries.hasNext()) {
        List<Row> batch = new ArrayList<>();
        while (batch.size() < BATCH_QUERIES && queries.hasNext()) {
          batch.add(queries.next());
        }
        join(batch, joined);
      }
      return joined.iterator();
    }

    private void join(List<Row> batch, List<Row> joined) {
      int dimension = items.length / ids.length;
      float[] queries = matrix(batch);
      float[] products = new float[BLOCK_ITEMS * batch.size()];
      float[][] best = new float[batch.size()][k];
      int[][] near = new int[batch.size()][k];
      for (float[] row : best) {
        Arrays.fill(row, Float.NEGATIVE_INFINITY);
      }
      for (int from = 0; from < ids.length; from += BLOCK_ITEMS) {
        int length = Math.min(BLOCK_ITEMS, ids.length - from);
        BLAS.getInstance()
            .sgemm(
                "T",
                "N",
                length,
                batch.size(),
                dimension,
                1,
                items,
                from * dimension,
                dimension,
                queries,
                0,
                dimension,
                0,
                products,
                0,
                length);
        for (int q = 0; q < batch.size(); q++) {
          int self = batch.get(q).getInt(0);
          for (int i = 0; i < length; i++) {
            float product = products[q * length + i];
            if (product > best[q][k - 1] && ids[from + i] != self) {
              insert(best[q], near[q], product, ids[from + i]);
            }
          }
        }
      }
      for (int q = 0; q < batch.size(); q++) {
        joined.add(
            RowFactory.create(
                batch.get(q).getInt(0), Arrays.stream(near[q]).boxed().toArray(Integer[]::new)));
      }
    }

    private static void insert(float[] best, int[] near, float product, int id) {
      int at = best.length - 1;
      for (; at > 0 && best[at - 1] < product; at--) {
        best[at] = best[at - 1];
        near[at] = near[at - 1];
      }
      best[at] = product;
      near[at] = id;
    }
  }
}
