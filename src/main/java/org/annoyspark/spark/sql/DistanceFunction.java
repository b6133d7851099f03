package org.annoyspark.spark.sql;

import java.util.OptionalInt;
import org.annoyspark.storage.IndexAddress;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** The distance between two items; for dot, the inner product. */
final class DistanceFunction extends IndexFunction<Float> {

  private static final long serialVersionUID = 1L;

  private static final int ID_1 = 1;
  private static final int ID_2 = 2;

  DistanceFunction(Arguments arguments) {
    this(arguments, arguments.index());
  }

  private DistanceFunction(Arguments arguments, IndexAddress index) {
    super(
        arguments,
        index,
        new DataType[] {
          arguments.get(0).dataType(), arguments.idType(ID_1, index), arguments.idType(ID_2, index)
        });
  }

  @Override
  public DataType resultType() {
    return DataTypes.FloatType;
  }

  @Override
  public Float produceResult(InternalRow input) {
    OptionalInt item1 = item(input, ID_1);
    OptionalInt item2 = item(input, ID_2);
    return item1.isEmpty() || item2.isEmpty()
        ? null
        : published().index().distance(item1.getAsInt(), item2.getAsInt());
  }
}
