package org.annoyspark.spark;

import java.io.Serializable;
import java.util.stream.IntStream;
import org.annoyspark.storage.IdTable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A column of lists of ids: array&lt;int&gt;, array&lt;bigint&gt; or array&lt;string&gt;.
 *
 * @param element the type of an id
 */
record IdListColumn(String name, int index, DataType element) implements Serializable {

  /**
   * The column of that name.
   *
   * @param idType of the index's ids: int, long or string
   * @throws InvalidInputException if there is none, or its lists are of other ids
   */
  static IdListColumn of(StructType schema, String name, String idType) {
    int index = Columns.index(schema, name);
    DataType type = schema.fields()[index].dataType();
    DataType element = type instanceof ArrayType array ? array.elementType() : type;
    boolean isLikeIds =
        idType.equals("string")
            ? element.equals(DataTypes.StringType)
            : element.equals(DataTypes.IntegerType) || element.equals(DataTypes.LongType);
    if (!(type instanceof ArrayType) || !isLikeIds) {
      throw new InvalidInputException(
          "column '"
              + name
              + "': expected lists of ids like the index's, "
              + (idType.equals("string") ? "array<string>" : "array<int> or array<bigint>")
              + ", found "
              + type.simpleString());
    }
    return new IdListColumn(name, index, element);
  }

  /**
   * The items of a row's list, ascending; what is null or no id of the index is left out.
   *
   * @return null if the row has no list
   */
  int[] items(InternalRow row, IdTable table) {
    if (row.isNullAt(index)) {
      return null;
    }
    ArrayData ids = row.getArray(index);
    return IntStream.range(0, ids.numElements())
        .filter(i -> !ids.isNullAt(i))
        .flatMap(i -> table.item(ids.get(i, element)).stream())
        .sorted()
        .distinct()
        .toArray();
  }
}
