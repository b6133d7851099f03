package org.annoyspark.metric;

import java.nio.ByteBuffer;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.vector.VectorUtil;

/**
 * The angle between vectors, told as {@code sqrt(2 - 2 cos)}: 0 for one direction, 2 for opposite.
 */
final class AngularMetric extends Metric {

  /** The distance when a vector has no direction. */
  private static final float NO_DIRECTION = 2;

  /**
   * Below this, rounding shows in what is left of {@code 2 - 2 cos}: norms that another client
   * summed up in another order than ours change the distance by more than 1e-5 of it, and an exact
   * 0 into 0.0003.
   */
  private static final float NEARLY_PARALLEL = 0.02f;

  AngularMetric(int dimension) {
    super("angular", dimension, NodeLayout.angular(dimension));
  }

  /**
   * Annoy's squared angular distance from an inner product and two squared norms, rounded where
   * Annoy rounds: the norms' product and its root are floats.
   */
  static float distance(float product, float squaredNormX, float squaredNormY) {
    float norms = squaredNormX * squaredNormY;
    return norms > 0 ? (float) (2.0 - 2.0 * product / (float) Math.sqrt(norms)) : NO_DIRECTION;
  }

  @Override
  public void writeItem(float[] vector, float squaredNormCap, ByteBuffer node) {
    node.putInt(NodeLayout.DESCENDANTS_OFFSET_BYTES, 1);
    node.putFloat(
        NodeLayout.ANGULAR_NORM_OFFSET_BYTES, VectorUtil.squaredNorm(vector, 0, dimension()));
    Hyperplane.writeVector(vector, dimension(), layout(), node);
  }

  @Override
  public void readItem(NodeStore store, int item, float[] target) {
    store.readFloats(item, layout().vectorOffsetBytes(), target, 0, dimension());
  }

  @Override
  public Query newQuery(NodeStore store) {
    return new AngularQuery(store, dimension());
  }

  private static final class AngularQuery extends FloatQuery {

    private float squaredNorm;

    /** Of the rows loaded last, as the file has them. */
    private final float[] itemNorms;

    AngularQuery(NodeStore store, int dimension) {
      super(store, dimension);
      this.itemNorms = new float[capacity()];
    }

    @Override
    void bound() {
      squaredNorm = VectorUtil.squaredNorm(vector, 0, dimension);
    }

    @Override
    public void load(int[] items, int from, int length) {
      super.load(items, from, length);
      for (int i = 0; i < length; i++) {
        itemNorms[i] = store.readFloat(items[from + i], NodeLayout.ANGULAR_NORM_OFFSET_BYTES);
      }
    }

    @Override
    public void measure(int length, float[] distances) {
      rows.dotProducts(length, vector, distances);
      for (int i = 0; i < length; i++) {
        distances[i] = distance(distances[i], itemNorms[i], i * dimension);
      }
    }

    @Override
    public boolean canBound() {
      return isOrdinary(squaredNorm);
    }

    @Override
    float fileNorm(int item) {
      return store.readFloat(item, NodeLayout.ANGULAR_NORM_OFFSET_BYTES);
    }

    /**
     * By the inequality of Cauchy and Schwarz. Near 0 {@link #measure} takes the length of the row
     * for the one that the file tells, so the difference between the two comes on top.
     */
    @Override
    double error(double length, double lengthOfError, double absoluteError, float fileNorm) {
      double product = lengthOfError + 2 * rounding * (length + lengthOfError);
      double normError = Math.abs(fileNorm / (length * length) - 1);
      return normError < 0.01
          ? 2 * (1.001 + 2 * rounding) * product / Math.sqrt(fileNorm) + 4 * normError + 1e-6
          : Double.POSITIVE_INFINITY;
    }

    @Override
    public void boundDistances(int length, float[] lower, float[] upper) {
      rows.dotProducts(length, vector, upper);
      for (int i = 0; i < length; i++) {
        float distance = AngularMetric.distance(upper[i], squaredNorm, squaredNorms[i]);
        lower[i] = distance - errors[i];
        upper[i] = distance + errors[i];
      }
    }

    private float distance(float product, float itemNorm, int offset) {
      float norms = squaredNorm * itemNorm;
      boolean areExact =
          Math.min(squaredNorm, itemNorm) >= Hyperplane.SMALLEST_SQUARED_NORM
              && norms >= Float.MIN_NORMAL
              && norms < Float.POSITIVE_INFINITY;
      if (!areExact) {
        return distanceInDouble(offset);
      }
      float distance = AngularMetric.distance(product, squaredNorm, itemNorm);
      return distance >= NEARLY_PARALLEL
          ? distance
          : AngularMetric.distance(
              product, squaredNorm, VectorUtil.squaredNorm(rows.values(), offset, dimension));
    }

    /** For vectors so long or so short that floats cannot hold the squares of their norms. */
    private float distanceInDouble(int offset) {
      double xx = 0;
      double yy = 0;
      double xy = 0;
      for (int z = 0; z < dimension; z++) {
        double x = vector[z];
        double y = rows.values()[offset + z];
        xx = Math.fma(x, x, xx);
        yy = Math.fma(y, y, yy);
        xy = Math.fma(x, y, xy);
      }
      double norms = Math.sqrt(xx) * Math.sqrt(yy);
      return norms > 0 ? (float) (2.0 - 2.0 * xy / norms) : NO_DIRECTION;
    }
  }

  @Override
  public float toCallerDistance(float distance) {
    return (float) Math.sqrt(Math.max(distance, 0));
  }

  @Override
  public Rows newRows(int capacity) {
    return new AngularRows(capacity, dimension());
  }

  private static final class AngularRows extends DirectionRows {

    final TwoMeans twoMeans = new CosineTwoMeans(this);

    AngularRows(int capacity, int dimension) {
      super(capacity, dimension, dimension);
    }

    @Override
    float squaredNorm(NodeStore items, int item, int slot) {
      return items.readFloat(item, NodeLayout.ANGULAR_NORM_OFFSET_BYTES);
    }
  }

  @Override
  public Split chooseSplit(Rows rows, int[] sample, KeyedRandom random) {
    return ((AngularRows) rows)
        .twoMeans.run(sample, (p, q) -> Hyperplane.throughOrigin(p, q, this::writePlane));
  }

  @Override
  public Split zeroSplit() {
    return Hyperplane.zero(dimension(), this::writePlane);
  }

  private void writePlane(Hyperplane plane, ByteBuffer node) {
    Hyperplane.writeVector(plane.normal(), dimension(), layout(), node);
  }

  @Override
  public String itemFault(NodeStore store, int item) {
    String vectorFault = FloatFaults.vectorFault(store, item, dimension());
    if (vectorFault != null) {
      return vectorFault;
    }
    float[] vector = new float[dimension()];
    readItem(store, item, vector);
    float expected = VectorUtil.squaredNorm(vector, 0, dimension());
    float found = store.readFloat(item, NodeLayout.ANGULAR_NORM_OFFSET_BYTES);
    boolean close = Math.abs(expected - found) <= 1e-3f * expected || expected == found;
    return close ? null : "norm: expected " + expected + " (v.v), found " + found;
  }

  @Override
  public String splitFault(NodeStore store, int node) {
    return FloatFaults.normalFault(store, node, dimension());
  }
}
