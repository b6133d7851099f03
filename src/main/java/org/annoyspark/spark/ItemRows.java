package org.annoyspark.spark;

import java.io.Serializable;
import org.annoyspark.storage.IndexAddress;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Items in the one form that an index gives them back in: {@code id} and {@code features}. */
public final class ItemRows {

  public static final String ID_COLUMN = "id";
  public static final String FEATURES_COLUMN = "features";

  /** About as much of a file as a task reads. */
  private static final long PART_BYTES = 64L << 20;

  private ItemRows() {}

  /** How many tasks share the items of an index. */
  public static int parts(JavaSparkContext spark, IndexAddress index) {
    return (int) Math.max(Slots.of(spark).count(), index.lengthBytes() / PART_BYTES);
  }

  /**
   * @param idType int, long or string
   */
  public static StructType schema(String idType) {
    return new StructType(
        new StructField[] {
          DataTypes.createStructField(ID_COLUMN, IdColumn.dataType(idType), true),
          DataTypes.createStructField(
              FEATURES_COLUMN, DataTypes.createArrayType(DataTypes.FloatType, true), true)
        });
  }

  /**
   * Rows in that form, with their faults if they have any.
   *
   * @throws InvalidInputException if a column is missing, or of another type than is allowed
   */
  public static Dataset<Row> of(Dataset<Row> rows, String idColumn, String featuresColumn) {
    IdColumn ids = IdColumn.of(rows.schema(), idColumn);
    VectorColumn vectors = VectorColumn.of(rows.schema(), featuresColumn);
    return rows.map(new Reformed(ids, vectors), Encoders.row(schema(ids.type())));
  }

  private record Reformed(IdColumn ids, VectorColumn vectors)
      implements MapFunction<Row, Row>, Serializable {
    @Override
    public Row call(Row row) {
      return RowFactory.create(ids.read(row), vectors.isNull(row) ? null : vectors.read(row));
    }
  }
}
