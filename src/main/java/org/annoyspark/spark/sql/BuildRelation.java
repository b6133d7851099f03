package org.annoyspark.spark.sql;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.annoyspark.spark.ItemRows;
import org.annoyspark.storage.IndexAddress;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.In;
import org.apache.spark.sql.sources.PrunedFilteredScan;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The items of one build of an index, as rows. Where a query names ids, these are looked up; all
 * other filters are left to Spark.
 */
final class BuildRelation extends BaseRelation implements PrunedFilteredScan {

  private final SQLContext context;
  private final IndexAddress index;

  BuildRelation(SQLContext context, IndexAddress index) {
    this.context = context;
    this.index = index;
  }

  @Override
  public SQLContext sqlContext() {
    return context;
  }

  @Override
  public StructType schema() {
    return ItemRows.schema(index.idType());
  }

  @Override
  public long sizeInBytes() {
    return index.lengthBytes();
  }

  @Override
  public RDD<Row> buildScan(String[] columns, Filter[] filters) {
    var spark = JavaSparkContext.fromSparkContext(context.sparkContext());
    var conf = new SerializableConfiguration(context.sparkSession().sessionState().newHadoopConf());
    List<Object> ids = wantedIds(filters);
    int parts = ids != null ? 1 : ItemRows.parts(spark, index);
    ItemScan scan = new ItemScan(index, conf, List.of(columns), ids, parts);
    return spark.parallelize(IntStream.range(0, parts).boxed().toList(), parts).flatMap(scan).rdd();
  }

  /** The only ids that a row can have, or null if it can have any; Spark filters once more. */
  private static List<Object> wantedIds(Filter[] filters) {
    for (Filter filter : filters) {
      if (filter instanceof EqualTo equal && equal.attribute().equals(ItemRows.ID_COLUMN)) {
        return List.of(equal.value());
      }
      if (filter instanceof In in && in.attribute().equals(ItemRows.ID_COLUMN)) {
        return Arrays.stream(in.values()).filter(id -> id != null).distinct().toList();
      }
    }
    return null;
  }

  /** Lets Spark see that two queries read the same. */
  @Override
  public boolean equals(Object other) {
    return other instanceof BuildRelation relation && index.equals(relation.index);
  }

  @Override
  public int hashCode() {
    return index.hashCode();
  }

  @Override
  public String toString() {
    return "annoy " + index;
  }
}
