package org.annoyspark.spark;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.UserDefinedType;

/** Vectors in rows as Spark itself holds them, where no number is an object. */
public final class InternalVectors {

  private InternalVectors() {}

  /**
   * The vector of a row that has one; a null element comes as NaN.
   *
   * @param type array&lt;float&gt;, array&lt;double&gt; or MLlib's type
   */
  public static float[] read(InternalRow row, int column, DataType type) {
    if (type instanceof UserDefinedType<?> mlType) {
      return MlVectors.toFloats(mlType.deserialize(row.get(column, type)));
    }
    ArrayData array = row.getArray(column);
    boolean isFloats = ((ArrayType) type).elementType().equals(DataTypes.FloatType);
    float[] vector = new float[array.numElements()];
    for (int z = 0; z < vector.length; z++) {
      vector[z] =
          array.isNullAt(z) ? Float.NaN : isFloats ? array.getFloat(z) : (float) array.getDouble(z);
    }
    return vector;
  }
}
