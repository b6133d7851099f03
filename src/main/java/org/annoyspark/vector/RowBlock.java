package org.annoyspark.vector;

import java.util.Objects;

/**
 * Rows that are loaded together and measured from one vector after another, as {@link VectorUtil}
 * measures them. In plain Java they are put in columns once several vectors have come, and then
 * take a third of the time. Not safe for many threads.
 */
public final class RowBlock {

  /** Putting rows in columns takes as long as it gains from two vectors. */
  private static final int VECTORS_BY_ROW = 2;

  /** Loops over fewer rows are mostly what comes before and after their registers. */
  private static final int LEAST_ROWS_BY_COLUMN = 32;

  private final VectorUtilSupport support;
  private final int capacity;
  private final int length;
  private final float[] values;

  /** By coordinate and row; null until they are needed. */
  private float[][] columns;

  /** By lane and row. */
  private float[][] sums;

  /** How many vectors the rows have been measured from since they were loaded. */
  private int vectors;

  /** How many of the rows that were loaded last are in columns. */
  private int rowsInColumns;

  /**
   * @param capacity how many rows there can be
   * @param length of a row and of a vector
   * @param spare floats after the last row
   */
  public RowBlock(int capacity, int length, int spare) {
    this(VectorUtil.support(), capacity, length, spare);
  }

  RowBlock(VectorUtilSupport support, int capacity, int length, int spare) {
    this.support = support;
    this.capacity = capacity;
    this.length = length;
    this.values = new float[capacity * length + spare];
  }

  /** The rows, one after the other. */
  public float[] values() {
    return values;
  }

  /** To be called when {@link #values} have changed. */
  public void loaded() {
    vectors = 0;
    rowsInColumns = 0;
  }

  /**
   * {@link VectorUtil#dotProduct} of a vector with each of the rows.
   *
   * @param count of rows, the first ones
   * @param vector as long as a row, or longer
   * @param target receives {@code count} of them
   * @throws IndexOutOfBoundsException if there are fewer rows, or one of the arrays is shorter
   */
  public void dotProducts(int count, float[] vector, float[] target) {
    if (isByColumn(count, vector, target)) {
      ColumnKernel.DOT_PRODUCT.measure(columns, count, vector, length, sums, target);
    } else {
      support.dotProducts(values, count, vector, length, target);
    }
  }

  /** The same of {@link VectorUtil#squaredDistance}. */
  public void squaredDistances(int count, float[] vector, float[] target) {
    if (isByColumn(count, vector, target)) {
      ColumnKernel.SQUARED_DISTANCE.measure(columns, count, vector, length, sums, target);
    } else {
      support.squaredDistances(values, count, vector, length, target);
    }
  }

  /** The same of {@link VectorUtil#absoluteDistance}. */
  public void absoluteDistances(int count, float[] vector, float[] target) {
    if (isByColumn(count, vector, target)) {
      ColumnKernel.ABSOLUTE_DISTANCE.measure(columns, count, vector, length, sums, target);
    } else {
      support.absoluteDistances(values, count, vector, length, target);
    }
  }

  private boolean isByColumn(int count, float[] vector, float[] target) {
    Objects.checkFromIndexSize(0, length, vector.length);
    Objects.checkFromIndexSize(0, count, target.length);
    Objects.checkFromIndexSize(0, count, capacity);
    if (support.isSimd() || count < LEAST_ROWS_BY_COLUMN || vectors++ < VECTORS_BY_ROW) {
      return false;
    }
    if (count > rowsInColumns) {
      putInColumns(count);
    }
    return true;
  }

  private void putInColumns(int count) {
    if (columns == null) {
      columns = new float[length][capacity];
      sums = new float[VectorUtil.LANES][capacity];
    }
    // Eight rows at a time, for a column is another place in memory.
    int row = 0;
    for (; row <= count - 8; row += 8) {
      for (int z = 0, x = row * length; z < length; z++, x++) {
        float[] column = columns[z];
        column[row] = values[x];
        column[row + 1] = values[x + length];
        column[row + 2] = values[x + 2 * length];
        column[row + 3] = values[x + 3 * length];
        column[row + 4] = values[x + 4 * length];
        column[row + 5] = values[x + 5 * length];
        column[row + 6] = values[x + 6 * length];
        column[row + 7] = values[x + 7 * length];
      }
    }
    for (; row < count; row++) {
      for (int z = 0, x = row * length; z < length; z++, x++) {
        columns[z][row] = values[x];
      }
    }
    rowsInColumns = count;
  }
}
