package org.annoyspark.spark;

import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.storage.AnnoyConf;
import org.apache.hadoop.conf.Configuration;

/**
 * How much memory the queries take that a task answers together.
 *
 * @param most a batch gets no more queries when it has as much
 */
public record BatchBytes(long most) {

  /** A neighbour found, and those set aside on the way. */
  private static final int NEIGHBOR_BYTES = 40;

  private static final int ROW_BYTES = 500;

  /** More gain nothing. */
  private static final int MOST_BATCH_ROWS = 1 << 19;

  /**
   * As {@link AnnoyConf#JOIN_BATCH_BYTES} has it.
   *
   * @throws IllegalArgumentException if that is out of its range
   */
  public static BatchBytes of(Configuration conf) {
    return new BatchBytes(new AnnoyConf(conf).joinBatchBytes());
  }

  /**
   * About how much a query takes.
   *
   * @param k how many neighbours it asks for
   * @param coordinateBytes what a coordinate of it takes
   */
  public long ofQuery(AnnoyIndex index, int k, int coordinateBytes) {
    int neighbors = Math.min(k, index.items());
    long bytes =
        ROW_BYTES
            + coordinateBytes * (long) index.metric().dimension()
            + NEIGHBOR_BYTES * (long) neighbors;
    return Math.max(bytes, most / MOST_BATCH_ROWS);
  }
}
