package org.annoyspark.bench;

import java.util.Random;
import java.util.function.IntFunction;

/**
 * Points around centres, all gaussian and the same for a seed: unlike the words, these have
 * neighbourhoods that stand apart.
 */
final class ClusteredVectors implements IntFunction<float[]> {

  static final int DIMENSION = 100;

  private static final int CENTRES = 1000;

  /** How far points are from their centre, where centres are 1 from the middle. */
  private static final double SPREAD = 0.5;

  private final long seed;
  private final float[][] centres = new float[CENTRES][];

  ClusteredVectors(long seed) {
    this.seed = seed;
    Random random = new Random(seed);
    for (int centre = 0; centre < CENTRES; centre++) {
      centres[centre] = gaussians(random);
    }
  }

  @Override
  public float[] apply(int item) {
    // Random scrambles neighbouring seeds too little for their first numbers to differ.
    Random random = new Random(seed ^ (item + 1) * 0x9e3779b97f4a7c15L);
    float[] centre = centres[random.nextInt(CENTRES)];
    float[] vector = gaussians(random);
    for (int z = 0; z < DIMENSION; z++) {
      vector[z] = (float) (centre[z] + SPREAD * vector[z]);
    }
    return vector;
  }

  private static float[] gaussians(Random random) {
    float[] vector = new float[DIMENSION];
    for (int z = 0; z < DIMENSION; z++) {
      vector[z] = (float) random.nextGaussian();
    }
    return vector;
  }
}
