package org.annoyspark.metric;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.annoyspark.vector.VectorUtil;

/**
 * The vectors of items with a byte for each coordinate: what a search reads to find out which rows
 * of the file it has to read. Rows are made when they are first asked for, by any thread, and then
 * shared by all; each is the same whoever makes it. docs/adr/0022 has the reasons.
 */
public final class QuantizedRows {

  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.nativeOrder());

  private static final int ERROR_OFFSET_BYTES = 4;
  private static final int NORM_OFFSET_BYTES = 8;
  private static final int CODES_OFFSET_BYTES = 12;

  /** A row's codes go from {@code -127} to 127. */
  private static final int LARGEST_CODE = 127;

  private static final int CACHE_LINE_BYTES = 64;

  /**
   * Less than half of the smallest region of the G1 collector, which larger blocks would burden.
   */
  private static final int MOST_BLOCK_BYTES = (1 << 19) - (1 << 12);

  private final int items;
  private final int dimension;
  private final int paddedDimension;
  private final int strideBytes;
  private final int blockShift;

  /** Null until first used. That a thread sees a new one late, or none, does no harm. */
  private final byte[][] blocks;

  /**
   * What a row is made from.
   *
   * @param vector finite floats, the largest of which is not 0
   * @param error what the metric makes of what is lost, 0 or more; infinite if nothing can be said
   * @param squaredNorm what the file says of the row's length, if it does
   */
  record Source(float[] vector, float error, float squaredNorm) {}

  public QuantizedRows(int items, int dimension) {
    this.items = items;
    this.dimension = dimension;
    this.paddedDimension = padded(dimension);
    this.strideBytes = strideBytes(dimension);
    this.blockShift =
        Math.max(0, 31 - Integer.numberOfLeadingZeros(MOST_BLOCK_BYTES / strideBytes));
    this.blocks = new byte[((items - 1) >> blockShift) + 1][];
  }

  /** How much memory all rows take. */
  public static long bytes(int items, int dimension) {
    return (long) items * strideBytes(dimension);
  }

  private static int strideBytes(int dimension) {
    return (CODES_OFFSET_BYTES + dimension + Float.BYTES - 1) & -Float.BYTES;
  }

  /** How many floats {@link #read} writes. */
  static int padded(int dimension) {
    return (dimension + VectorUtil.LANES - 1) & -VectorUtil.LANES;
  }

  /**
   * Finds rows, and fetches their first two cache lines and the last from memory: in a loop as
   * short as this one many are waited for together, so it reads nothing else.
   *
   * @param scales receives what {@link #read} takes; 0 for a row that has not been made yet
   * @return a number without a meaning, that the fetching be not optimised away
   */
  int find(int[] items, int length, float[] scales) {
    int fetched = 0;
    for (int i = 0; i < length; i++) {
      byte[] block = block(items[i]);
      int row = row(items[i]);
      scales[i] = (float) FLOAT.get(block, row);
      fetched += block[row + CACHE_LINE_BYTES] + block[row + strideBytes - 1];
    }
    // Before anything else is read of a row: see put().
    VarHandle.acquireFence();
    return fetched;
  }

  /**
   * Reads a row that has been made.
   *
   * @param target receives {@link #padded} floats, of which those after the vector mean nothing
   */
  void read(int item, float scale, float[] target, int offset) {
    VectorUtil.dequantize(
        block(item), row(item) + CODES_OFFSET_BYTES, scale, target, offset, paddedDimension);
  }

  /** What the metric has said of what is lost in a row that has been made. */
  float error(int item) {
    return (float) FLOAT.get(block(item), row(item) + ERROR_OFFSET_BYTES);
  }

  /** What the file says of the length of a row that has been made. */
  float squaredNorm(int item) {
    return (float) FLOAT.get(block(item), row(item) + NORM_OFFSET_BYTES);
  }

  /**
   * Makes a row.
   *
   * @return its scale
   */
  float put(int item, Source source) {
    byte[] block = block(item);
    int row = row(item);
    float scale = scale(source.vector());
    for (int z = 0; z < dimension; z++) {
      block[row + CODES_OFFSET_BYTES + z] = (byte) code(source.vector()[z], scale);
    }
    FLOAT.set(block, row + ERROR_OFFSET_BYTES, source.error());
    FLOAT.set(block, row + NORM_OFFSET_BYTES, source.squaredNorm());
    // Whoever sees the scale sees the rest. From JDK 23 on, bytes have no setRelease.
    VarHandle.releaseFence();
    FLOAT.set(block, row, scale);
    return scale;
  }

  /** What a code of 1 stands for in that vector's row. */
  static float scale(float[] vector) {
    float largest = 0;
    for (float x : vector) {
      largest = Math.max(largest, Math.abs(x));
    }
    return largest / LARGEST_CODE;
  }

  static int code(float x, float scale) {
    return Math.max(-LARGEST_CODE, Math.min(LARGEST_CODE, Math.round(x / scale)));
  }

  private byte[] block(int item) {
    int index = item >> blockShift;
    byte[] block = blocks[index];
    return block != null ? block : newBlock(index);
  }

  private synchronized byte[] newBlock(int index) {
    if (blocks[index] == null) {
      // Kernels read whole registers, and find() a cache line, also at the end of the last row.
      int spareBytes = Math.max(paddedDimension - dimension, CACHE_LINE_BYTES + 1);
      int rows = Math.min(1 << blockShift, items - (index << blockShift));
      blocks[index] = new byte[strideBytes * rows + spareBytes];
    }
    return blocks[index];
  }

  private int row(int item) {
    return (item & ((1 << blockShift) - 1)) * strideBytes;
  }
}
