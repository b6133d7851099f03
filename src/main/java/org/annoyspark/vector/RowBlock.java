package org.annoyspark.vector;

import java.util.Objects;

/**
 * Rows that are loaded together and measured from one vector after another, as {@link VectorUtil}
 * measures them. In plain Java, {@value #LEAST_ROWS_BY_COLUMN} rows or more are put in columns when
 * more than {@value #VECTORS_BY_ROW} vectors have come, and then take a third of the time. Not safe
 * for many threads.
 */
public final class RowBlock {

  /** Putting rows in columns takes as long as it gains from two vectors. */
  static final int VECTORS_BY_ROW = 2;

  /** Of fewer rows, most are what a loop takes one by one before and after its registers. */
  static final int LEAST_ROWS_BY_COLUMN = 32;

  private final VectorUtilSupport support;
  private final int capacity;
  private final int length;
  private final float[] values;

  /** By coordinate and row; null until they are needed. */
  private float[][] columns;

  /** By lane and row. */
  private float[][] sums;

  /** How often many of these rows have been measured since they were loaded. */
  private int timesMeasured;

  /** How many of the rows that were loaded last are in columns. */
  private int rowsInColumns;

  /**
   * @param capacity how many rows there can be, 0 or more
   * @param length of a row and of a vector, 0 or more
   * @param spare floats behind the last row, for loaders that write whole lanes
   * @throws ArithmeticException if that is more than an array can have
   */
  public RowBlock(int capacity, int length, int spare) {
    this(VectorUtil.support(), capacity, length, spare);
  }

  RowBlock(VectorUtilSupport support, int capacity, int length, int spare) {
    this.support = support;
    this.capacity = capacity;
    this.length = length;
    this.values = new float[Math.addExact(Math.multiplyExact(capacity, length), spare)];
  }

  /** The rows, one after the other, to be read only. */
  public float[] values() {
    return values;
  }

  /** The same array, for other rows to be written to before any is measured. */
  public float[] startLoading() {
    timesMeasured = 0;
    rowsInColumns = 0;
    return values;
  }

  /**
   * {@link VectorUtil#dotProduct} of a vector with each of the rows.
   *
   * @param count of rows, the first ones
   * @param vector as long as a row, or longer
   * @param target receives {@code count} of them
   * @throws IndexOutOfBoundsException if that is negative or above the capacity, or one of the
   *     arrays is shorter
   */
  public void dotProducts(int count, float[] vector, float[] target) {
    check(count, vector, target);
    if (prepareColumns(count)) {
      ColumnKernel.DOT_PRODUCT.measure(columns, count, vector, length, sums, target);
    } else {
      support.dotProducts(values, count, vector, length, target);
    }
  }

  /** The same of {@link VectorUtil#squaredDistance}. */
  public void squaredDistances(int count, float[] vector, float[] target) {
    check(count, vector, target);
    if (prepareColumns(count)) {
      ColumnKernel.SQUARED_DISTANCE.measure(columns, count, vector, length, sums, target);
    } else {
      support.squaredDistances(values, count, vector, length, target);
    }
  }

  /** The same of {@link VectorUtil#absoluteDistance}. */
  public void absoluteDistances(int count, float[] vector, float[] target) {
    check(count, vector, target);
    if (prepareColumns(count)) {
      ColumnKernel.ABSOLUTE_DISTANCE.measure(columns, count, vector, length, sums, target);
    } else {
      support.absoluteDistances(values, count, vector, length, target);
    }
  }

  private void check(int count, float[] vector, float[] target) {
    Objects.checkFromIndexSize(0, length, vector.length);
    Objects.checkFromIndexSize(0, count, target.length);
    Objects.checkFromIndexSize(0, count, capacity);
  }

  /** Whether rows are to be measured by column now; then they are in columns. */
  private boolean prepareColumns(int count) {
    if (support.isSimd() || count < LEAST_ROWS_BY_COLUMN || timesMeasured++ < VECTORS_BY_ROW) {
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
