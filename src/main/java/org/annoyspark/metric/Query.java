package org.annoyspark.metric;

/**
 * The side of a metric that a search needs, bound to one vector at a time. Not safe for many
 * threads: it holds the vector and scratch rows.
 */
public abstract class Query {

  /** How many rows are copied together before any distance is computed, to overlap the misses. */
  static final int ROWS_AT_ONCE = 16;

  /**
   * Binds a vector.
   *
   * @param vector {@code dimension()} floats; copied
   */
  public abstract void bind(float[] vector);

  /** Binds the vector of an item. */
  public abstract void bindItem(int item);

  /** The priority at which roots enter the queue. */
  public float rootPriority() {
    return Float.POSITIVE_INFINITY;
  }

  /** Which side of a split the vector is on, and how far. */
  public abstract float margin(int node);

  /** The priority of a child, as Annoy's {@code pq_distance} has it. */
  public float childPriority(float priority, float margin, int side) {
    float childMargin = side == 1 ? margin : -margin;
    return childMargin < priority ? childMargin : priority;
  }

  /**
   * Distances to {@code items[from .. from + length - 1]}, smaller is nearer.
   *
   * @param distances receives them from its start on
   */
  public abstract void distances(int[] items, int from, int length, float[] distances);
}
