package org.annoyspark.vector;

import java.util.Arrays;

/**
 * Sums over rows that stand in columns, an array for each coordinate. The compiler then makes a
 * register of rows of a loop in plain Java, which it does only where all arrays of the loop have
 * the same index; columns that stood in one array would not have. Each row's terms are added in the
 * order of {@link DefaultVectorUtilSupport}: to sixteen sums, then these by a tree, then what is
 * left of a length that 16 does not divide.
 */
enum ColumnKernel {
  DOT_PRODUCT {
    @Override
    void add(float[] column, float x, float[] sums, int count) {
      for (int row = 0; row < count; row++) {
        sums[row] = Math.fma(column[row], x, sums[row]);
      }
    }

    @Override
    void addFour(float[][] columns, float[] vector, int z, float[] sums, int count) {
      float[] a = columns[z];
      float[] b = columns[z + 16];
      float[] c = columns[z + 32];
      float[] d = columns[z + 48];
      float xa = vector[z];
      float xb = vector[z + 16];
      float xc = vector[z + 32];
      float xd = vector[z + 48];
      for (int row = 0; row < count; row++) {
        float sum = Math.fma(b[row], xb, Math.fma(a[row], xa, sums[row]));
        sums[row] = Math.fma(d[row], xd, Math.fma(c[row], xc, sum));
      }
    }

    @Override
    void addUnfused(float[] column, float x, float[] sums, int count) {
      for (int row = 0; row < count; row++) {
        sums[row] += column[row] * x;
      }
    }
  },

  SQUARED_DISTANCE {
    @Override
    void add(float[] column, float x, float[] sums, int count) {
      for (int row = 0; row < count; row++) {
        float difference = column[row] - x;
        sums[row] = Math.fma(difference, difference, sums[row]);
      }
    }

    @Override
    void addFour(float[][] columns, float[] vector, int z, float[] sums, int count) {
      float[] a = columns[z];
      float[] b = columns[z + 16];
      float[] c = columns[z + 32];
      float[] d = columns[z + 48];
      float xa = vector[z];
      float xb = vector[z + 16];
      float xc = vector[z + 32];
      float xd = vector[z + 48];
      for (int row = 0; row < count; row++) {
        float da = a[row] - xa;
        float db = b[row] - xb;
        float dc = c[row] - xc;
        float dd = d[row] - xd;
        float sum = Math.fma(db, db, Math.fma(da, da, sums[row]));
        sums[row] = Math.fma(dd, dd, Math.fma(dc, dc, sum));
      }
    }

    @Override
    void addUnfused(float[] column, float x, float[] sums, int count) {
      for (int row = 0; row < count; row++) {
        float difference = column[row] - x;
        sums[row] += difference * difference;
      }
    }
  },

  ABSOLUTE_DISTANCE {
    @Override
    void add(float[] column, float x, float[] sums, int count) {
      for (int row = 0; row < count; row++) {
        sums[row] += Math.abs(column[row] - x);
      }
    }

    @Override
    void addFour(float[][] columns, float[] vector, int z, float[] sums, int count) {
      float[] a = columns[z];
      float[] b = columns[z + 16];
      float[] c = columns[z + 32];
      float[] d = columns[z + 48];
      float xa = vector[z];
      float xb = vector[z + 16];
      float xc = vector[z + 32];
      float xd = vector[z + 48];
      for (int row = 0; row < count; row++) {
        float sum = sums[row] + Math.abs(a[row] - xa) + Math.abs(b[row] - xb);
        sums[row] = sum + Math.abs(c[row] - xc) + Math.abs(d[row] - xd);
      }
    }

    @Override
    void addUnfused(float[] column, float x, float[] sums, int count) {
      add(column, x, sums, count);
    }
  };

  /** Adds what a coordinate gives to the sums of a lane. */
  abstract void add(float[] column, float x, float[] sums, int count);

  /** The same for four coordinates of the lane, which spares reading the sums and writing them. */
  abstract void addFour(float[][] columns, float[] vector, int z, float[] sums, int count);

  /** Adds a coordinate behind the lanes to the rows' sums. */
  abstract void addUnfused(float[] column, float x, float[] sums, int count);

  /**
   * Measures rows.
   *
   * @param columns for each coordinate {@code count} rows or more
   * @param count of rows
   * @param length of the vector, and how many columns there are
   * @param sums scratch, for each lane {@code count} or more
   * @param target receives {@code count} sums
   */
  final void measure(
      float[][] columns, int count, float[] vector, int length, float[][] sums, float[] target) {
    int vectorEnd = length & -VectorUtil.LANES;
    for (int lane = 0; lane < VectorUtil.LANES; lane++) {
      Arrays.fill(sums[lane], 0, count, 0);
      int z = lane;
      for (; z < vectorEnd - 48; z += 64) {
        addFour(columns, vector, z, sums[lane], count);
      }
      for (; z < vectorEnd; z += 16) {
        add(columns[z], vector[z], sums[lane], count);
      }
    }
    for (int apart = VectorUtil.LANES / 2; apart > 0; apart /= 2) {
      for (int lane = 0; lane < apart; lane++) {
        addLane(sums[lane + apart], sums[lane], count);
      }
    }
    System.arraycopy(sums[0], 0, target, 0, count);
    for (int z = vectorEnd; z < length; z++) {
      addUnfused(columns[z], vector[z], target, count);
    }
  }

  private static void addLane(float[] lane, float[] sums, int count) {
    for (int row = 0; row < count; row++) {
      sums[row] += lane[row];
    }
  }
}
