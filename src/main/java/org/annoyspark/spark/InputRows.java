package org.annoyspark.spark;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of an input that count, and no others.
 *
 * @param ids null if no ids are needed
 */
record InputRows(Dataset<Row> rows, VectorColumn vectors, IdColumn ids) {

  /** Of wider rows. */
  static InputRows of(Dataset<Row> rows, VectorColumn vectors, IdColumn ids) {
    StructField[] fields = rows.schema().fields();
    Dataset<Row> numbered = Columns.numbered(rows);
    Column features = Columns.at(numbered, vectors.index, fields[vectors.index]);
    Dataset<Row> narrow =
        ids == null
            ? numbered.select(features)
            : numbered.select(features, Columns.at(numbered, ids.index(), fields[ids.index()]));
    StructType schema = narrow.schema();
    return new InputRows(
        narrow,
        VectorColumn.of(schema, vectors.name),
        ids == null ? null : IdColumn.of(schema, ids.name()));
  }

  /**
   * The rows as Spark itself holds them. A task is given one row object for all of its rows: what
   * is kept must be read out.
   */
  JavaRDD<InternalRow> internal() {
    return rows.queryExecution().toRdd().toJavaRDD();
  }
}
