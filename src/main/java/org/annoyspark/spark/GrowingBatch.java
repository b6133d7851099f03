package org.annoyspark.spark;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows that wait to be answered together. The first batches are small, so that the first rows come
 * soon where no more are wanted.
 */
public final class GrowingBatch<T> {

  /** What the first may take where later ones may take much. */
  private static final int FIRST_BYTES = 1 << 18;

  /** What a batch may take is at least this many times what the first may. */
  private static final int FIRST_BATCHES = 256;

  /**
   * How many times as much the next may take: so many rows may be answered for one that is wanted.
   */
  private static final int GROWTH = 32;

  private final long mostBytes;
  private long limitBytes;
  private long takenBytes;
  private List<T> rows = new ArrayList<>();

  public GrowingBatch(BatchBytes bytes) {
    this.mostBytes = bytes.most();
    this.limitBytes = Math.max(1, Math.min(FIRST_BYTES, mostBytes / FIRST_BATCHES));
  }

  /**
   * Adds a row.
   *
   * @param bytes about how much memory it takes until it is answered
   * @return whether the batch is full
   */
  public boolean add(T row, long bytes) {
    rows.add(row);
    takenBytes += bytes;
    return takenBytes >= limitBytes;
  }

  /** The rows that have been added; what comes then is the next batch, which may take more. */
  public List<T> take() {
    List<T> taken = rows;
    rows = new ArrayList<>();
    takenBytes = 0;
    limitBytes = limitBytes > mostBytes / GROWTH ? mostBytes : limitBytes * GROWTH;
    return taken;
  }
}
