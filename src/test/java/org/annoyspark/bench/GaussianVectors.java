package org.annoyspark.bench;

import java.io.Serializable;
import java.util.Random;
import java.util.function.IntFunction;

/** Vectors of normal coordinates: the same for an item and a seed, whichever are asked for. */
record GaussianVectors(int dimension, long seed) implements IntFunction<float[]>, Serializable {

  @Override
  public float[] apply(int item) {
    // Random scrambles neighbouring seeds too little for their first numbers to differ.
    Random random = new Random(seed ^ (item + 1) * 0x9e3779b97f4a7c15L);
    float[] vector = new float[dimension];
    for (int z = 0; z < dimension; z++) {
      vector[z] = (float) random.nextGaussian();
    }
    return vector;
  }
}
