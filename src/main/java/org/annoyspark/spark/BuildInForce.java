package org.annoyspark.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.annoyspark.storage.IndexAddress;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.TableScan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Which build of an index is in force, as a table of one row. Spark scans a table anew for each
 * micro-batch of a stream that is joined with it, and once: so a stream moves to a new build
 * between two batches, and all rows of a batch have the same one.
 */
public final class BuildInForce extends BaseRelation implements TableScan {

  /** No name that a user would give a column. */
  private static final String COLUMN = "annoy-spark build in force";

  private final SparkSession session;
  private final String index;
  private final IndexAddress.BareFile bare;
  private final IndexAddress first;

  /**
   * @param first the build in force by now, which later ones must be like
   * @param bare metric and dimension of a bare file, or null
   */
  BuildInForce(SparkSession session, String index, IndexAddress.BareFile bare, IndexAddress first) {
    this.session = session;
    this.index = index;
    this.bare = bare;
    this.first = first;
  }

  @Override
  public SQLContext sqlContext() {
    return session.sqlContext();
  }

  @Override
  public StructType schema() {
    return new StructType().add(COLUMN, DataTypes.BinaryType, false);
  }

  /** On the driver, when a batch is planned. */
  @Override
  public RDD<Row> buildScan() {
    Configuration conf = session.sessionState().newHadoopConf();
    try {
      IndexAddress found = IndexAddress.resolve(index, bare, conf);
      checkIsLike(first, found);
      Row row = RowFactory.create((Object) Tasks.toBytes(found));
      return JavaSparkContext.fromSparkContext(session.sparkContext())
          .parallelize(List.of(row), 1)
          .rdd();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /**
   * @param expected the build that a query was made with
   * @param found another one of the same index
   * @throws InvalidInputException if its answers would be others than the query takes
   */
  public static void checkIsLike(IndexAddress expected, IndexAddress found) {
    if (!kind(found).equals(kind(expected))) {
      throw new InvalidInputException(
          String.format(
              "%s: expected %s, as when the query was made, found %s",
              found.file(), kind(expected), kind(found)));
    }
  }

  private static String kind(IndexAddress index) {
    return String.format(
        "%s of dimension %d with ids of type %s",
        index.metric(), index.dimension(), index.idType());
  }

  /** The build that this table's row names. */
  static IndexAddress of(byte[] column) {
    return Tasks.fromBytes(column);
  }
}
