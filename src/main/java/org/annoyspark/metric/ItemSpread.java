package org.annoyspark.metric;

import java.io.Serializable;
import java.util.Arrays;
import org.annoyspark.vector.VectorUtil;

/**
 * How the lengths and directions of items are spread. Parts of the items are added up apart, and
 * give the same however the items were divided.
 */
public final class ItemSpread implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Coordinates of directions are added as whole numbers, whose order does not matter. */
  private static final double UNIT = 1L << 30;

  private final NormCounts norms = new NormCounts();
  private long[] directions = {};
  private long directed;

  /**
   * Adds an item.
   *
   * @param vector of finite numbers
   */
  public void add(float[] vector) {
    float squaredNorm = VectorUtil.squaredNorm(vector, 0, vector.length);
    norms.add(squaredNorm);
    if (squaredNorm > 0 && squaredNorm < Float.POSITIVE_INFINITY) {
      double scale = UNIT / Math.sqrt(squaredNorm);
      growTo(vector.length);
      for (int z = 0; z < vector.length; z++) {
        directions[z] += (long) (vector[z] * scale);
      }
      directed++;
    }
  }

  /** Adds what was added up elsewhere. */
  public void add(ItemSpread other) {
    norms.add(other.norms);
    growTo(other.directions.length);
    for (int z = 0; z < other.directions.length; z++) {
      directions[z] += other.directions[z];
    }
    directed += other.directed;
  }

  private void growTo(int dimension) {
    if (directions.length < dimension) {
      directions = Arrays.copyOf(directions, dimension);
    }
  }

  NormCounts norms() {
    return norms;
  }

  /** The mean cosine of two items, -1 to 1; 0 if there are less than two with a direction. */
  double meanCosine() {
    if (directed < 2) {
      return 0;
    }
    double squaredSum = 0;
    for (long sum : directions) {
      squaredSum += sum / UNIT * (sum / UNIT);
    }
    return (squaredSum - directed) / ((double) directed * (directed - 1));
  }
}
