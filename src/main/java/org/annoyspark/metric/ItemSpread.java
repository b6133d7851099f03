package org.annoyspark.metric;

import java.io.Serializable;
import org.annoyspark.vector.VectorUtil;

/**
 * How the lengths and directions of items are spread. Parts of the items are added up apart, and
 * give the same however the items were divided.
 */
public final class ItemSpread implements Serializable {

  private static final long serialVersionUID = 1L;

  /**
   * Coordinates of directions are added as whole numbers, whose order does not matter: of 2^31
   * items they come to 2^61.
   */
  private static final double UNIT = 1L << 30;

  private final NormCounts norms = new NormCounts();
  private long[] directions = {};
  private long directed;

  /**
   * Adds an item.
   *
   * @param vector of finite numbers; one as long as the first, else its direction does not count
   */
  public void add(float[] vector) {
    float squaredNorm = VectorUtil.squaredNorm(vector, 0, vector.length);
    norms.add(squaredNorm);
    if (directed == 0) {
      directions = new long[vector.length];
    }
    boolean isOrdinary = squaredNorm >= Float.MIN_NORMAL && squaredNorm < Float.POSITIVE_INFINITY;
    if (isOrdinary && vector.length == directions.length) {
      double scale = UNIT / Math.sqrt(squaredNorm);
      for (int z = 0; z < vector.length; z++) {
        directions[z] += (long) (vector[z] * scale);
      }
      directed++;
    }
  }

  /** Adds what was added up elsewhere. */
  public void add(ItemSpread other) {
    norms.add(other.norms);
    if (directed == 0) {
      directions = other.directions.clone();
      directed = other.directed;
    } else if (other.directions.length == directions.length) {
      for (int z = 0; z < directions.length; z++) {
        directions[z] += other.directions[z];
      }
      directed += other.directed;
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
