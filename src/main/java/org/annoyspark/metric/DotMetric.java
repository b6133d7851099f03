package org.annoyspark.metric;

import java.nio.ByteBuffer;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.vector.VectorUtil;

/**
 * The inner product: larger is nearer. Trees are those of the angular metric over vectors with one
 * more coordinate, the dot factor, which brings items to one length: Y. Bachrach et al., "Speeding
 * up the Xbox recommender system using a Euclidean transformation for inner-product spaces", RecSys
 * 2014. There it is the length of the longest item; here {@link DotNormCap} chooses it, and longer
 * items have no factor. A query's own factor is 0.
 */
final class DotMetric extends Metric {

  private final DotLayout dotLayout;

  DotMetric(int dimension, DotLayout dotLayout) {
    super("dot", dimension, NodeLayout.dot(dimension, dotLayout));
    this.dotLayout = dotLayout;
  }

  @Override
  public String dotLayoutLabel() {
    return dotLayout.label();
  }

  @Override
  public boolean hasNormCap() {
    return true;
  }

  @Override
  public void writeItem(float[] vector, float squaredNormCap, ByteBuffer node) {
    float squaredNorm = VectorUtil.squaredNorm(vector, 0, dimension());
    double lacking = (double) squaredNormCap - squaredNorm;
    // Squared norms beyond the floats are infinite, and their difference is NaN: nothing lacks.
    float factor = lacking > 0 ? (float) Math.sqrt(lacking) : 0;
    node.putInt(NodeLayout.DESCENDANTS_OFFSET_BYTES, 1);
    node.putFloat(NodeLayout.DOT_FACTOR_OFFSET_BYTES, factor);
    if (dotLayout == DotLayout.MAIN) {
      // With the factor as a coordinate: Annoy's largest squared norm, where that is the cap.
      node.putFloat(NodeLayout.DOT_MAIN_NORM_OFFSET_BYTES, Math.max(squaredNormCap, squaredNorm));
      node.put(NodeLayout.DOT_MAIN_BUILT_OFFSET_BYTES, (byte) 1);
    }
    Hyperplane.writeVector(vector, dimension(), layout(), node);
  }

  @Override
  public void readItem(NodeStore store, int item, float[] target) {
    store.readFloats(item, layout().vectorOffsetBytes(), target, 0, dimension());
  }

  @Override
  public Query newQuery(NodeStore store) {
    return dotLayout == DotLayout.MAIN
        ? new DotQuery(store, dimension())
        : new ReleasedDotQuery(store, dimension());
  }

  /** Annoy up to 1.17.3 adds the square of a split's own factor to every margin. */
  private static final class ReleasedDotQuery extends DotQuery {

    ReleasedDotQuery(NodeStore store, int dimension) {
      super(store, dimension);
    }

    @Override
    public float margin(int node) {
      float factor = store.readFloat(node, NodeLayout.DOT_FACTOR_OFFSET_BYTES);
      return super.margin(node) + factor * factor;
    }
  }

  private static class DotQuery extends FloatQuery {

    DotQuery(NodeStore store, int dimension) {
      super(store, dimension);
    }

    @Override
    public void measure(int length, float[] distances) {
      rows.dotProducts(length, vector, distances);
      for (int i = 0; i < length; i++) {
        distances[i] = -distances[i];
      }
    }

    /** By the inequality of Cauchy and Schwarz, but for the length of the query. */
    @Override
    double error(double length, double lengthOfError, double absoluteError, float fileNorm) {
      return lengthOfError + 2 * rounding * (length + lengthOfError);
    }

    @Override
    public void boundDistances(int length, float[] lower, float[] upper) {
      float norm = (float) Math.sqrt(VectorUtil.squaredNorm(vector, 0, dimension));
      float factor = norm * (1.001f + rounding);
      measure(length, upper);
      for (int i = 0; i < length; i++) {
        float distance = upper[i];
        lower[i] = distance - factor * errors[i];
        upper[i] = distance + factor * errors[i];
      }
    }
  }

  @Override
  public boolean isWithin(float innerProduct, float bound) {
    return innerProduct >= bound;
  }

  @Override
  public float toCallerDistance(float distance) {
    return 0f - distance;
  }

  @Override
  public Rows newRows(int capacity) {
    return new DotRows(capacity, dimension());
  }

  /** The vector, then the dot factor. */
  private static final class DotRows extends DirectionRows {

    final TwoMeans twoMeans = new CosineTwoMeans(this);

    DotRows(int capacity, int dimension) {
      super(capacity, dimension, dimension + 1);
    }

    @Override
    float squaredNorm(NodeStore items, int item, int slot) {
      values[offset(slot) + dimension] = items.readFloat(item, NodeLayout.DOT_FACTOR_OFFSET_BYTES);
      return VectorUtil.squaredNorm(values, offset(slot), stride);
    }
  }

  @Override
  public Split chooseSplit(Rows rows, int[] sample, KeyedRandom random) {
    return ((DotRows) rows)
        .twoMeans.run(sample, (p, q) -> Hyperplane.throughOrigin(p, q, this::writePlane));
  }

  @Override
  public Split zeroSplit() {
    return Hyperplane.zero(dimension() + 1, this::writePlane);
  }

  private void writePlane(Hyperplane plane, ByteBuffer node) {
    // A released client would add this factor's square to the margin of every query, whose own
    // factor
    // is 0: without it, its margin is the plane's.
    if (dotLayout == DotLayout.MAIN) {
      node.putFloat(NodeLayout.DOT_FACTOR_OFFSET_BYTES, plane.normal()[dimension()]);
    }
    Hyperplane.writeVector(plane.normal(), dimension(), layout(), node);
  }

  @Override
  public String itemFault(NodeStore store, int item) {
    float factor = store.readFloat(item, NodeLayout.DOT_FACTOR_OFFSET_BYTES);
    if (!(factor >= 0)) {
      return "dot factor of an item: expected 0 or more, found " + factor;
    }
    if (dotLayout == DotLayout.MAIN) {
      // What tells it from the released layout, which has a coordinate there.
      int built = store.readInt(item, NodeLayout.DOT_MAIN_BUILT_OFFSET_BYTES) & 0xff;
      if (built != 1) {
        return "built flag of an item: expected 1, found " + built;
      }
    }
    return FloatFaults.vectorFault(store, item, dimension());
  }

  @Override
  public String splitFault(NodeStore store, int node) {
    // Annoy's releases differ in what they divide a normal by; none leaves it longer than 1.
    float squaredNorm = FloatFaults.squaredNorm(store, node, dimension());
    return squaredNorm <= 1 + FloatFaults.ROUNDING
        ? null
        : "squared length of the normal: expected at most 1, found " + squaredNorm;
  }
}
