package org.annoyspark.index;

import org.annoyspark.metric.Metric;

/**
 * Distances by their definitions in double precision, with what single precision may add to them:
 * nothing of this is taken from the code under test.
 *
 * @param distance as told to callers; angular's is squared, because its error is
 * @param error how far a sound answer may be off
 * @param overflows whether the terms are too large for floats, and any answer goes
 */
record Exact(double distance, double error, boolean overflows) {

  /** Roots of sums of squares that underflow, for a thousand coordinates. */
  private static final double UNDERFLOW = 1e-21;

  static Exact of(Metric metric, float[] x, float[] y) {
    double xx = 0;
    double yy = 0;
    double xy = 0;
    double absoluteProducts = 0;
    double squares = 0;
    double absolutes = 0;
    int bits = 0;
    for (int z = 0; z < x.length; z++) {
      double difference = (double) x[z] - y[z];
      xx += (double) x[z] * x[z];
      yy += (double) y[z] * y[z];
      xy += (double) x[z] * y[z];
      absoluteProducts += Math.abs((double) x[z] * y[z]);
      squares += difference * difference;
      absolutes += Math.abs(difference);
      bits += x[z] > 0.5f != y[z] > 0.5f ? 1 : 0;
    }
    return switch (metric.name()) {
      case "angular" -> {
        double norms = Math.sqrt(xx) * Math.sqrt(yy);
        double squared = norms > 0 ? 2 - 2 * xy / norms : 2;
        yield new Exact(squared, 2e-5 * squared + 8 * Math.ulp(2f), false);
      }
      case "euclidean" -> {
        double distance = Math.sqrt(squares);
        yield new Exact(distance, 1e-5 * distance + UNDERFLOW, isLarge(squares));
      }
      case "manhattan" -> new Exact(absolutes, 1e-5 * absolutes, isLarge(absolutes));
      case "dot" -> new Exact(xy, 1e-5 * absoluteProducts + UNDERFLOW, isLarge(absoluteProducts));
      case "hamming" -> new Exact(bits, 0, false);
      default -> throw new AssertionError(metric);
    };
  }

  private static boolean isLarge(double sum) {
    return sum > 0.99 * Float.MAX_VALUE;
  }

  boolean agreesWith(Metric metric, float found) {
    double comparable = metric.name().equals("angular") ? (double) found * found : found;
    return overflows || Math.abs(comparable - distance) <= error;
  }
}
