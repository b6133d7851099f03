package org.annoyspark.spark;

import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A column of ids: int, long or string. */
record IdColumn(String name, int index, String type) implements Serializable {

  /**
   * The id column of that name.
   *
   * @throws InvalidInputException if there is none, or it has another type
   */
  static IdColumn of(StructType schema, String name) {
    int index = Columns.index(schema, name);
    DataType type = schema.fields()[index].dataType();
    if (type.equals(DataTypes.IntegerType)) {
      return new IdColumn(name, index, "int");
    }
    if (type.equals(DataTypes.LongType)) {
      return new IdColumn(name, index, "long");
    }
    if (type.equals(DataTypes.StringType)) {
      return new IdColumn(name, index, "string");
    }
    throw new InvalidInputException(
        "column '" + name + "': expected int, bigint or string, found " + type.simpleString());
  }

  /** The Spark type of an id type's name. */
  static DataType dataType(String type) {
    return switch (type) {
      case "int" -> DataTypes.IntegerType;
      case "long" -> DataTypes.LongType;
      default -> DataTypes.StringType;
    };
  }

  boolean isInt() {
    return type.equals("int");
  }

  boolean isNull(Row row) {
    return row.isNullAt(index);
  }

  /** The id: Integer, Long or String. */
  Object read(Row row) {
    return row.get(index);
  }

  /** The id of a row as Spark itself holds it: Integer, Long or String. */
  Object read(InternalRow row) {
    return switch (type) {
      case "int" -> row.getInt(index);
      case "long" -> row.getLong(index);
      default -> row.getUTF8String(index).toString();
    };
  }

  /** The same as an {@link IdKey}. */
  byte[] readKey(InternalRow row) {
    return switch (type) {
      case "int" -> IdKey.of(row.getInt(index));
      case "long" -> IdKey.of(row.getLong(index));
      default -> row.getUTF8String(index).getBytes();
    };
  }
}
