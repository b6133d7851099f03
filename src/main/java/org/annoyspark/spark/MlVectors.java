package org.annoyspark.spark;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;

/** MLlib's vectors, where there may be no MLlib: Spark 4.2 can come without it. */
public final class MlVectors {

  /** By name, for the type itself is private to Spark. */
  private static final String TYPE = "org.apache.spark.ml.linalg.VectorUDT";

  /** What MLlib's attributes of a column are called in its metadata, and how many there are. */
  private static final String ATTRIBUTES = "ml_attr";

  private static final String COUNT = "num_attrs";

  private MlVectors() {}

  public static boolean isType(DataType type) {
    return type.getClass().getName().equals(TYPE);
  }

  /**
   * @param vector one of MLlib's, dense or sparse
   */
  public static float[] toFloats(Object vector) {
    return Values.toFloats(vector);
  }

  /** Kept apart so that MLlib's class is only loaded where a column has it. */
  private static final class Values {
    static float[] toFloats(Object value) {
      double[] doubles = ((org.apache.spark.ml.linalg.Vector) value).toArray();
      float[] vector = new float[doubles.length];
      for (int i = 0; i < doubles.length; i++) {
        vector[i] = (float) doubles[i];
      }
      return vector;
    }
  }

  /**
   * The dimension that MLlib has noted of a column of vectors, as {@code AttributeGroup} does.
   *
   * @return -1 if it has noted none
   */
  public static int knownDimension(Metadata column) {
    if (!column.contains(ATTRIBUTES)) {
      return -1;
    }
    Metadata attributes = column.getMetadata(ATTRIBUTES);
    return attributes.contains(COUNT) ? (int) attributes.getLong(COUNT) : -1;
  }
}
