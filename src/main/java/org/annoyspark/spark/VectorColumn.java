package org.annoyspark.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Reads vectors out of rows: a column of array&lt;float&gt;, array&lt;double&gt; or MLlib's Vector.
 */
abstract class VectorColumn implements Serializable {

  private static final long serialVersionUID = 1L;

  final String name;
  final int index;
  private final DataType type;

  VectorColumn(String name, int index, DataType type) {
    this.name = name;
    this.index = index;
    this.type = type;
  }

  /**
   * The vector column of that name.
   *
   * @throws InvalidInputException if there is none, or it has another type
   */
  static VectorColumn of(StructType schema, String name) {
    int index = Columns.index(schema, name);
    DataType type = schema.fields()[index].dataType();
    if (type instanceof ArrayType array
        && (array.elementType().equals(DataTypes.FloatType)
            || array.elementType().equals(DataTypes.DoubleType))) {
      return new ArrayColumn(name, index, type);
    }
    if (MlVectors.isType(type)) {
      return new MlVectorColumn(name, index, type);
    }
    throw new InvalidInputException(
        "column '"
            + name
            + "': expected array<float>, array<double> or an MLlib vector, found "
            + type.simpleString());
  }

  /**
   * Looks at what MLlib has noted of a column, before any row is read.
   *
   * @throws InvalidInputException if it has noted another dimension
   */
  final void checkDimension(StructType schema, int dimension) {
    int found = MlVectors.knownDimension(schema.fields()[index].metadata());
    if (found >= 0 && found != dimension) {
      throw new InvalidInputException(
          String.format(
              "column '%s': expected vectors of dimension %d, as the index has, found %d",
              name, dimension, found));
    }
  }

  final boolean isNull(Row row) {
    return row.isNullAt(index);
  }

  /** The vector of a row that has one; a null element comes as NaN. */
  abstract float[] read(Row row);

  /** The same of a row as Spark itself holds it, without an object for each number. */
  final float[] read(InternalRow row) {
    return InternalVectors.read(row, index, type);
  }

  private static final class ArrayColumn extends VectorColumn {
    private static final long serialVersionUID = 1L;

    ArrayColumn(String name, int index, DataType type) {
      super(name, index, type);
    }

    @Override
    float[] read(Row row) {
      List<Number> values = row.getList(index);
      float[] vector = new float[values.size()];
      int i = 0;
      for (Number value : values) {
        vector[i++] = value == null ? Float.NaN : value.floatValue();
      }
      return vector;
    }
  }

  private static final class MlVectorColumn extends VectorColumn {
    private static final long serialVersionUID = 1L;

    MlVectorColumn(String name, int index, DataType type) {
      super(name, index, type);
    }

    @Override
    float[] read(Row row) {
      return MlVectors.toFloats(row.get(index));
    }
  }
}
