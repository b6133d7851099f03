package org.annoyspark.metric;

import java.nio.ByteBuffer;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.vector.VectorUtil;

/** A split by a plane, {@code offset + normal . x}. */
record Hyperplane(float[] normal, float offset, Writer writer) implements Split {

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
    float norm = (float) Math.sqrt(VectorUtil.squaredNorm(normal, 0, n));
    // Also false for NaN and, with the test below, for what overflows: then chance decides.
    if (!(norm > 0 && norm < Float.POSITIVE_INFINITY)) {
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

  @Override
  public float margin(Rows rows, int slot) {
    FloatRows floats = (FloatRows) rows;
    return offset
        + VectorUtil.dotProduct(normal, 0, floats.values, floats.offset(slot), normal.length);
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
