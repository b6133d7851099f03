package org.annoyspark.metric;

import java.nio.ByteBuffer;

/** A division of items in two: what a split node holds. Immutable. */
public interface Split {

  /** A sample starts with this many different items, from which the two centroids start. */
  int SEEDS = 2;

  /** How many random items follow; Annoy's number, and fewer cost recall. */
  int STEPS = 200;

  /** Slots of a sample. */
  int SAMPLE_SIZE = SEEDS + STEPS;

  /**
   * On which side some rows are: side 1 if positive, side 0 if negative; zero and NaN leave it to
   * chance.
   *
   * @param slots which rows, from {@code slots[from]} on
   * @param target receives {@code count} of them, from its start
   */
  void margins(Rows rows, int[] slots, int from, int count, float[] target);

  /**
   * Writes the plane into a node.
   *
   * @param node a zeroed little-endian buffer of one node
   */
  void write(ByteBuffer node);
}
