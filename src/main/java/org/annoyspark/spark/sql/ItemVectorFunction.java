package org.annoyspark.spark.sql;

import java.util.OptionalInt;
import org.annoyspark.storage.IndexAddress;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** The vector of an item, as {@code array<float>}. */
final class ItemVectorFunction extends IndexFunction<ArrayData> {

  private static final long serialVersionUID = 1L;

  private static final int ID = 1;

  ItemVectorFunction(Arguments arguments) {
    this(arguments, arguments.index());
  }

  private ItemVectorFunction(Arguments arguments, IndexAddress index) {
    super(
        arguments,
        index,
        new DataType[] {arguments.get(0).dataType(), arguments.idType(ID, index)});
  }

  @Override
  public DataType resultType() {
    return DataTypes.createArrayType(DataTypes.FloatType, false);
  }

  @Override
  public ArrayData produceResult(InternalRow input) {
    OptionalInt item = item(input, ID);
    return item.isEmpty()
        ? null
        : UnsafeArrayData.fromPrimitiveArray(published().index().itemVector(item.getAsInt()));
  }
}
