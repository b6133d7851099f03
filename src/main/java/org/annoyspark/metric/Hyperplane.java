package org.annoyspark.metric;

import java.nio.ByteBuffer;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.vector.VectorUtil;

/** A split by a plane, {@code offset + normal . x}. */
record Hyperplane(float[] normal, float offset, Writer writer) implements Split {

  /** Squares of smaller vectors lose bits to underflow. */
  static final float SMALLEST_SQUARED_NORM = 1e-30f;

  /** Where a metric puts the plane's numbers in a node. */
  interface Writer {
    void write(Hyperplane plane, ByteBuffer node);
  }

  /** The plane through no point at all: every margin is zero. */
  static Hyperplane zero(int stride, Writer writer) {
    return new Hyperplane(new float[stride], 0, writer);
  }

  /** The plane through the origin that separates two directions. */
  static Hyperplane throughOrigin(float[] p, float[] q, Writer writer) {
    return between(p, q, false, writer);
  }

  /** The plane half-way between two points. */
  static Hyperplane halfway(float[] p, float[] q, Writer writer) {
    return between(p, q, true, writer);
  }

  private static Hyperplane between(float[] p, float[] q, boolean withOffset, Writer writer) {
    int n = p.length;
    float[] normal = new float[n];
    for (int z = 0; z < n; z++) {
      normal[z] = p[z] - q[z];
    }
    float norm = norm(normal);
    // Also false for NaN and, with the test below, for what overflows: then chance decides.
    if (!(norm >= Float.MIN_NORMAL && norm < Float.POSITIVE_INFINITY)) {
      return zero(n, writer);
    }
    for (int z = 0; z < n; z++) {
      normal[z] /= norm;
    }
    float offset = 0;
    if (withOffset) {
      double sum =
          (double) VectorUtil.dotProduct(normal, 0, p, 0, n)
              + VectorUtil.dotProduct(normal, 0, q, 0, n);
      offset = (float) (-sum / 2);
    }
    return Float.isFinite(offset) ? new Hyperplane(normal, offset, writer) : zero(n, writer);
  }

  /** Whether a squared norm is a float from which the norm comes out as well as floats allow. */
  static boolean isExact(float squaredNorm) {
    return squaredNorm >= SMALLEST_SQUARED_NORM && squaredNorm < Float.POSITIVE_INFINITY;
  }

  /** In double where a float's square is infinite, or too rough for the normal to come out as 1. */
  private static float norm(float[] vector) {
    float squared = VectorUtil.squaredNorm(vector, 0, vector.length);
    if (isExact(squared)) {
      return (float) Math.sqrt(squared);
    }
    double sum = 0;
    for (float x : vector) {
      sum = Math.fma((double) x, (double) x, sum);
    }
    return (float) Math.sqrt(sum);
  }

  @Override
  public void margins(Rows rows, int[] slots, int from, int count, float[] target) {
    ((FloatRows) rows).dotProducts(slots, from, count, normal, target);
    if (offset != 0) {
      for (int i = 0; i < count; i++) {
        target[i] += offset;
      }
    }
  }

  @Override
  public void write(ByteBuffer node) {
    writer.write(this, node);
  }

  /** Writes {@code length} floats, of an item's vector or of a normal, to their place in a node. */
  static void writeVector(float[] vector, int length, NodeLayout layout, ByteBuffer node) {
    for (int z = 0; z < length; z++) {
      node.putFloat(layout.vectorOffsetBytes() + z * Float.BYTES, vector[z]);
    }
  }
}
