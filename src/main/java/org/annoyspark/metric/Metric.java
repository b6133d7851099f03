package org.annoyspark.metric;

import java.nio.ByteBuffer;
import java.util.List;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;

/**
 * A metric over vectors of one dimension. Immutable and safe for many threads; what it makes
 * ({@link Query}, {@link Rows}) belongs to one thread.
 */
public abstract sealed class Metric permits AngularMetric, PlaneMetric, DotMetric, HammingMetric {

  /** The names that {@link #of} takes, in Annoy's spelling. */
  public static final List<String> NAMES =
      List.of("angular", "euclidean", "manhattan", "dot", "hamming");

  private final String name;
  private final int dimension;
  private final NodeLayout layout;

  Metric(String name, int dimension, NodeLayout layout) {
    this.name = name;
    this.dimension = dimension;
    this.layout = layout;
  }

  /**
   * The metric of that name.
   *
   * @param dimension floats of a vector; bits for hamming
   * @param dotLayout which node layout {@code dot} has; the other metrics do not look at it
   * @throws IllegalArgumentException for an unknown name or an impossible dimension
   */
  public static Metric of(String name, int dimension, DotLayout dotLayout) {
    return switch (checkName(name)) {
      case "angular" -> new AngularMetric(dimension);
      case "euclidean" -> new EuclideanMetric(dimension);
      case "manhattan" -> new ManhattanMetric(dimension);
      case "dot" -> new DotMetric(dimension, dotLayout);
      case "hamming" -> new HammingMetric(dimension);
      default -> throw new AssertionError(name);
    };
  }

  /**
   * @return the name, if there is such a metric
   * @throws IllegalArgumentException if there is none
   */
  public static String checkName(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "metric: expected one of " + String.join(", ", NAMES) + ", found '" + name + "'");
    }
    return name;
  }

  public final String name() {
    return name;
  }

  /** Floats of a vector; bits for hamming. */
  public final int dimension() {
    return dimension;
  }

  public final NodeLayout layout() {
    return layout;
  }

  /** The label of the dot layout, or null for the other metrics. */
  public String dotLayoutLabel() {
    return null;
  }

  /** Whether items depend on a {@link DotNormCap}. */
  public boolean hasNormCap() {
    return false;
  }

  /**
   * Writes an item node.
   *
   * @param vector {@code dimension()} finite floats; hamming takes a value above 0.5 as a set bit
   * @param squaredNormCap what {@link DotNormCap} made of the items' norms; only dot uses it
   * @param node a zeroed little-endian buffer of one node
   */
  public abstract void writeItem(float[] vector, float squaredNormCap, ByteBuffer node);

  /** Copies an item's vector to the front of {@code target}; hamming gives 0 and 1. */
  public abstract void readItem(NodeStore store, int item, float[] target);

  /** A query over the nodes of {@code store}, to be bound to one vector after another. */
  public abstract Query newQuery(NodeStore store);

  /** Whether queries can bound distances by {@link QuantizedRows}. */
  public boolean canQuantize() {
    return true;
  }

  /** What a distance of the search is to the caller: see the table in docs/annoy-format.md. */
  public abstract float toCallerDistance(float distance);

  /** Whether an item at that distance, as callers are told it, is at least as near as a bound. */
  public boolean isWithin(float distance, float bound) {
    return distance <= bound;
  }

  /** Room for that many items' rows. */
  public abstract Rows newRows(int capacity);

  /**
   * Chooses a split from a sample.
   *
   * @param rows where the sample's rows are
   * @param sample slots of {@code rows}: {@link Split#SEEDS} different items, then random ones
   * @param random for what the metric draws besides
   */
  public abstract Split chooseSplit(Rows rows, int[] sample, KeyedRandom random);

  /** The split that Annoy writes when no plane divides the items: a normal of zeros. */
  public abstract Split zeroSplit();

  /** What is wrong with an item's header, or null. The node has {@code n_descendants == 1}. */
  public abstract String itemFault(NodeStore store, int item);

  /** What is wrong with a split's plane, or null. */
  public abstract String splitFault(NodeStore store, int node);

  @Override
  public final String toString() {
    String dot = dotLayoutLabel();
    return name + (dot == null ? "" : " (layout " + dot + ")") + ", dimension " + dimension;
  }
}
