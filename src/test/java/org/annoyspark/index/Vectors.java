package org.annoyspark.index;

import java.util.Random;

/** Kinds of input that builders have been known to stumble over. */
enum Vectors {
  GAUSSIAN,
  FEW_DIFFERENT,
  ALL_EQUAL,
  ZEROS,
  /** Coordinates 0 and 1, and so many ties and points in a plane. */
  BITS,
  ONE_LONG,
  EXPONENTIAL,
  TINY,
  HUGE,
  ANY_MAGNITUDE,
  /** Long vectors beside some whose squared norms are hardly floats. */
  ANY_LENGTH,
  EDGES;

  private static final float[] EDGE_VALUES = {
    0f,
    -0f,
    1f,
    -1f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    1e-23f,
    -1e19f,
    Float.MAX_VALUE,
    -Float.MAX_VALUE
  };

  /** Vectors, some of them null for a hole; the last is none. */
  float[][] rows(int count, int dimension, double holes, Random random) {
    float[][] rows = new float[count][];
    for (int i = 0; i < count; i++) {
      if (i == count - 1 || random.nextDouble() >= holes) {
        rows[i] = row(i, dimension, random);
      }
    }
    return rows;
  }

  private float[] row(int i, int dimension, Random random) {
    float[] row = new float[dimension];
    int exponent = random.nextInt(120) - 80;
    Random ofFew = new Random(random.nextInt(3));
    for (int z = 0; z < dimension; z++) {
      float gaussian = (float) random.nextGaussian();
      row[z] =
          switch (this) {
            case GAUSSIAN -> gaussian;
            case FEW_DIFFERENT -> (float) ofFew.nextGaussian();
            case ALL_EQUAL -> z + 1;
            case ZEROS -> 0;
            case BITS -> random.nextInt(2);
            case ONE_LONG -> i == 0 ? gaussian * 1e6f : gaussian;
            case EXPONENTIAL -> Math.scalb(1f, i % 250 - 125);
            case TINY -> gaussian * 1e-22f;
            case HUGE -> gaussian * 1e19f;
            case ANY_MAGNITUDE -> Math.scalb(gaussian, random.nextInt(120) - 60);
            case ANY_LENGTH -> Math.scalb(gaussian, exponent);
            case EDGES -> EDGE_VALUES[random.nextInt(EDGE_VALUES.length)];
          };
    }
    return row;
  }
}
