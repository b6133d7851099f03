package org.annoyspark.metric;

import org.annoyspark.format.NodeStore;
import org.annoyspark.vector.VectorUtil;

/** Checks that the metrics over floats share. */
final class FloatFaults {

  private FloatFaults() {}

  /** How far a squared length of 1 may be off in another client's file. */
  static final float ROUNDING = 1e-3f;

  /** Annoy's normals have length 1, or 0 where chance divides. */
  static String normalFault(NodeStore store, int node, int dimension) {
    float squaredNorm = squaredNorm(store, node, dimension);
    return Math.abs(squaredNorm - 1) < ROUNDING || squaredNorm == 0
        ? null
        : "squared length of the normal: expected 1 or 0, found " + squaredNorm;
  }

  static float squaredNorm(NodeStore store, int node, int dimension) {
    float[] vector = new float[dimension];
    store.readFloats(node, store.layout().vectorOffsetBytes(), vector, 0, dimension);
    return VectorUtil.squaredNorm(vector, 0, dimension);
  }

  /** Whether all floats of an item are finite. */
  static String vectorFault(NodeStore store, int item, int dimension) {
    float[] vector = new float[dimension];
    store.readFloats(item, store.layout().vectorOffsetBytes(), vector, 0, dimension);
    for (int z = 0; z < dimension; z++) {
      if (!Float.isFinite(vector[z])) {
        return "coordinate " + z + ": expected a finite number, found " + vector[z];
      }
    }
    return null;
  }
}
