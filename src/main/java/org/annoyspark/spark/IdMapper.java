package org.annoyspark.spark;

import java.io.Serializable;
import org.annoyspark.storage.IdTable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * Gives rows item numbers: int ids that leave few holes are the numbers; all others are numbered in
 * id order.
 */
final class IdMapper implements Serializable {

  private static final long serialVersionUID = 1L;

  private final IdColumn ids;
  private final boolean mapped;

  IdMapper(IdColumn ids, InputSummary summary) {
    this.ids = ids;
    // At least every second number must be an item, or the file would be mostly holes.
    this.mapped = !ids.isInt() || (long) summary.largestId() + 1 > 2 * summary.rows();
  }

  boolean isMapped() {
    return mapped;
  }

  /** Item nodes of the index, holes included. */
  long items(InputSummary summary) {
    return mapped ? summary.rows() : summary.largestId() + 1L;
  }

  /** The rows in item order if ids are mapped; to be passed to the two methods below. */
  JavaPairRDD<Row, Integer> number(Dataset<Row> items) {
    if (!mapped) {
      return items.javaRDD().mapToPair(row -> new Tuple2<>(row, (Integer) ids.read(row)));
    }
    return items
        .orderBy(Columns.column(items, ids.name()))
        .javaRDD()
        .zipWithIndex()
        .mapToPair(pair -> new Tuple2<>(pair._1(), Math.toIntExact(pair._2())));
  }

  /** Writes the mapping as Parquet that anyone can read. */
  void writeIds(SparkSession spark, JavaPairRDD<Row, Integer> numbered, Path directory) {
    StructType schema =
        new StructType(
            new StructField[] {
              DataTypes.createStructField(IdTable.ITEM_COLUMN, DataTypes.IntegerType, false),
              DataTypes.createStructField(IdTable.ID_COLUMN, IdColumn.dataType(ids.type()), false)
            });
    JavaRDD<Row> rows = numbered.map(pair -> RowFactory.create(pair._2(), ids.read(pair._1())));
    spark.createDataFrame(rows, schema).write().parquet(directory.toString());
  }
}
