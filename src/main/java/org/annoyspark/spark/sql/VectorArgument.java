package org.annoyspark.spark.sql;

import java.io.Serializable;
import org.annoyspark.spark.InternalVectors;
import org.annoyspark.spark.MlVectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.CreateArray;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.NumericType;

/**
 * A vector among the arguments: an array of numbers, for {@code array(0.5, 1)} is one of decimals,
 * or MLlib's.
 *
 * @param type what the argument is cast to: array&lt;float&gt;, array&lt;double&gt; or MLlib's type
 */
record VectorArgument(DataType type) implements Serializable {

  private static final DataType FLOATS = DataTypes.createArrayType(DataTypes.FloatType);
  private static final DataType DOUBLES = DataTypes.createArrayType(DataTypes.DoubleType);

  /**
   * @throws org.annoyspark.spark.InvalidInputException if it is no vector, or is known to have
   *     another dimension
   */
  static VectorArgument of(Arguments arguments, int argument, int dimension) {
    Expression vector = arguments.get(argument);
    DataType type = typeOf(vector.dataType());
    if (type == null) {
      throw arguments.unexpected(
          argument,
          "array<float>, array<double> or an MLlib vector",
          vector.dataType().simpleString());
    }
    int found = knownLength(vector);
    if (found >= 0 && found != dimension) {
      throw arguments.unexpected(
          argument, "dimension " + dimension + ", as the index has", Integer.toString(found));
    }
    return new VectorArgument(type);
  }

  private static DataType typeOf(DataType given) {
    if (MlVectors.isType(given)) {
      return given;
    }
    if (given instanceof NullType) {
      return FLOATS;
    }
    if (given instanceof ArrayType array) {
      DataType element = array.elementType();
      if (element.equals(DataTypes.FloatType)) {
        return FLOATS;
      }
      return element instanceof NumericType ? DOUBLES : null;
    }
    return null;
  }

  /**
   * What MLlib has noted of a column, or the length of an array whose elements are written out or
   * constant, else -1.
   */
  private static int knownLength(Expression vector) {
    if (vector instanceof NamedExpression column) {
      return MlVectors.knownDimension(column.metadata());
    }
    if (vector instanceof CreateArray array) {
      return array.children().size();
    }
    return vector.foldable()
            && vector.dataType() instanceof ArrayType
            && vector.eval(null) instanceof ArrayData array
        ? array.numElements()
        : -1;
  }

  /** The vector of a row that has one; a null element comes as NaN. */
  float[] read(InternalRow row, int argument) {
    return InternalVectors.read(row, argument, type);
  }
}
