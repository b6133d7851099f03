package org.annoyspark.spark;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Finding columns by name. */
final class Columns {

  private Columns() {}

  /**
   * Where the column stands.
   *
   * @throws InvalidInputException if there is none of that name
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
    return index;
  }

  /** The column of exactly that name, whatever characters it has. */
  static Column column(Dataset<Row> rows, String name) {
    return rows.col("`" + name.replace("`", "``") + "`");
  }
}
