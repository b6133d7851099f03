package org.annoyspark.spark;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Finding columns by name. */
final class Columns {

  private Columns() {}

  /**
   * Where the column stands.
   *
   * @throws InvalidInputException if there is none of that name, or more than one
   */
  static int index(StructType schema, String name) {
    int index = Arrays.asList(schema.fieldNames()).indexOf(name);
    if (index < 0) {
      throw new InvalidInputException(
          "column '"
              + name
              + "': expected among the input's columns, found only "
              + Arrays.stream(schema.fields())
                  .map(field -> field.name() + " " + field.dataType().simpleString())
                  .collect(Collectors.joining(", ")));
    }
    if (Arrays.asList(schema.fieldNames()).lastIndexOf(name) != index) {
      throw new InvalidInputException(
          "column '" + name + "': expected one of that name among the input's columns, found more");
    }
    return index;
  }

  /** Whether Spark, as the session has it, takes two names for that of one column. */
  static boolean areSame(String name, String other) {
    return SQLConf.get().caseSensitiveAnalysis()
        ? name.equals(other)
        : name.equalsIgnoreCase(other);
  }

  /**
   * The same rows, whose columns are called by their positions: so that none has another's name.
   */
  static Dataset<Row> numbered(Dataset<Row> rows) {
    return rows.toDF(
        IntStream.range(0, rows.columns().length)
            .mapToObj(Integer::toString)
            .toArray(String[]::new));
  }

  /** A column of numbered rows under a name, and with what it says of itself. */
  static Column at(Dataset<Row> numbered, int position, StructField field) {
    return column(numbered, Integer.toString(position)).as(field.name(), field.metadata());
  }

  /** The column of exactly that name, whatever characters it has. */
  static Column column(Dataset<Row> rows, String name) {
    return rows.col("`" + name.replace("`", "``") + "`");
  }
}
