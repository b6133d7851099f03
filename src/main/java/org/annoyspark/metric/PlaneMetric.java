package org.annoyspark.metric;

import java.nio.ByteBuffer;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.vector.RowBlock;
import org.annoyspark.vector.VectorUtil;

/** What euclidean and manhattan share: everything but the distance. */
abstract sealed class PlaneMetric extends Metric permits EuclideanMetric, ManhattanMetric {

  /** More than what sums of terms lose that are too small for floats. */
  static final float UNDERFLOW = 1e-32f;

  PlaneMetric(String name, int dimension) {
    super(name, dimension, NodeLayout.plane(dimension));
  }

  /** The distances of the search between a vector and each of {@code count} rows. */
  abstract void distances(RowBlock rows, int count, float[] vector, float[] target);

  @Override
  public final void writeItem(float[] vector, float squaredNormCap, ByteBuffer node) {
    node.putInt(NodeLayout.DESCENDANTS_OFFSET_BYTES, 1);
    Hyperplane.writeVector(vector, dimension(), layout(), node);
  }

  @Override
  public final void readItem(NodeStore store, int item, float[] target) {
    store.readFloats(item, layout().vectorOffsetBytes(), target, 0, dimension());
  }

  @Override
  public final Query newQuery(NodeStore store) {
    return new PlaneQuery(store);
  }

  /** What the bounds have to know of what is lost in a quantized row: its length, or its sum. */
  abstract double error(double lengthOfError, double absoluteError);

  /**
   * Bounds of the distances to rows, by the triangle inequality.
   *
   * @param rounding how much of itself a distance can lose by rounding
   * @param upper holds the distances to the quantized rows before
   */
  abstract void boundDistances(
      int length, float[] errors, float rounding, float[] lower, float[] upper);

  private final class PlaneQuery extends FloatQuery {

    PlaneQuery(NodeStore store) {
      super(store, PlaneMetric.this.dimension());
    }

    @Override
    public float margin(int node) {
      return store.readFloat(node, NodeLayout.PLANE_OFFSET_OFFSET_BYTES) + super.margin(node);
    }

    @Override
    public void measure(int length, float[] distances) {
      PlaneMetric.this.distances(rows, length, vector, distances);
    }

    /** The bounds do not depend on the query's own length, which is 0 for the origin. */
    @Override
    public boolean canBound() {
      return VectorUtil.squaredNorm(vector, 0, dimension) <= MOST_SQUARED_NORM;
    }

    @Override
    double error(double length, double lengthOfError, double absoluteError, float fileNorm) {
      return PlaneMetric.this.error(lengthOfError, absoluteError);
    }

    @Override
    public void boundDistances(int length, float[] lower, float[] upper) {
      measure(length, upper);
      PlaneMetric.this.boundDistances(length, errors, rounding, lower, upper);
    }
  }

  @Override
  public final Rows newRows(int capacity) {
    return new PlaneRows(capacity);
  }

  private final class PlaneRows extends FloatRows {

    final TwoMeans twoMeans = new PlainTwoMeans(this);

    PlaneRows(int capacity) {
      super(capacity, PlaneMetric.this.dimension(), PlaneMetric.this.dimension());
    }

    @Override
    float scale(int slot) {
      return 1;
    }
  }

  @Override
  public final Split chooseSplit(Rows rows, int[] sample, KeyedRandom random) {
    return ((PlaneRows) rows)
        .twoMeans.run(sample, (p, q) -> Hyperplane.halfway(p, q, this::writePlane));
  }

  /** Two means of the rows as they are. */
  private static final class PlainTwoMeans extends TwoMeans {

    PlainTwoMeans(FloatRows rows) {
      super(rows, 1);
    }

    @Override
    float meanScale(float[] sum, int count) {
      return 1f / count;
    }
  }

  @Override
  public final Split zeroSplit() {
    return Hyperplane.zero(dimension(), this::writePlane);
  }

  private void writePlane(Hyperplane plane, ByteBuffer node) {
    node.putFloat(NodeLayout.PLANE_OFFSET_OFFSET_BYTES, plane.offset());
    Hyperplane.writeVector(plane.normal(), dimension(), layout(), node);
  }

  @Override
  public final String itemFault(NodeStore store, int item) {
    float offset = store.readFloat(item, NodeLayout.PLANE_OFFSET_OFFSET_BYTES);
    return offset == 0
        ? FloatFaults.vectorFault(store, item, dimension())
        : "plane offset of an item: expected 0, found " + offset;
  }

  @Override
  public final String splitFault(NodeStore store, int node) {
    return FloatFaults.normalFault(store, node, dimension());
  }
}
