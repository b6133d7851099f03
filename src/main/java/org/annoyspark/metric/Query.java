package org.annoyspark.metric;

/**
 * The side of a metric that a search needs, bound to one vector at a time, and rows of items to be
 * measured from it. Not safe for many threads.
 */
public abstract class Query {

  private static final int LEAST_ROWS = 16;

  /** Enough to overlap the misses of many rows, and few enough to stay close to a core. */
  private static final int MOST_FLOATS = 1 << 14;

  private final int capacity;

  /**
   * @param rowFloats size of a row, by which it is reckoned how many are loaded together
   */
  Query(int rowFloats) {
    this.capacity = Math.max(LEAST_ROWS, MOST_FLOATS / rowFloats);
  }

  /** How many rows {@link #load} takes. */
  public final int capacity() {
    return capacity;
  }

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
   * Copies the rows of {@code items[from .. from + length - 1]}, to be measured from one vector
   * after another.
   *
   * @param length at most {@link #capacity}
   */
  public abstract void load(int[] items, int from, int length);

  /**
   * Distances of the bound vector to the rows loaded last, smaller is nearer.
   *
   * @param length how many were loaded
   * @param distances receives them from its start on
   */
  public abstract void measure(int length, float[] distances);

  /**
   * Whether {@link #boundDistances} holds for the bound vector: only if {@link Metric#canQuantize},
   * and the squares of its coordinates are neither too large nor too small for floats.
   */
  public boolean canBound() {
    return false;
  }

  /**
   * Reads quantized rows, to be measured from the bound vector. Holes are left out.
   *
   * @param items the first {@code length}; those left move to the start
   * @param length at most {@link #capacity}
   * @return how many are left
   */
  public int loadQuantized(QuantizedRows quantized, int[] items, int length) {
    throw new UnsupportedOperationException();
  }

  /**
   * Bounds of what {@link #measure} would tell of the rows loaded by {@link #loadQuantized} last. A
   * NaN says nothing.
   */
  public void boundDistances(int length, float[] lower, float[] upper) {
    throw new UnsupportedOperationException();
  }
}
