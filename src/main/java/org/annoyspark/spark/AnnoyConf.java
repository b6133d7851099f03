package org.annoyspark.spark;

import org.apache.hadoop.conf.Configuration;

/**
 * Settings of a build. They come from the Spark session's settings, {@code --conf} on the command
 * line, and change how work is done, never what comes out.
 */
final class AnnoyConf {

  /** Size of the parts that the final file is written in. */
  static final String PART_BYTES_KEY = "spark.annoy.part.bytes";

  private static final long DEFAULT_PART_BYTES = 64L << 20;

  /** S3 takes no smaller part, but for the last. */
  private static final long LEAST_PART_BYTES = 5L << 20;

  private AnnoyConf() {}

  /**
   * The wanted size of a part.
   *
   * @throws IllegalArgumentException if it is smaller than S3 takes
   */
  static long partBytes(Configuration conf) {
    long bytes = conf.getLongBytes(PART_BYTES_KEY, DEFAULT_PART_BYTES);
    if (bytes < LEAST_PART_BYTES) {
      throw new IllegalArgumentException(
          PART_BYTES_KEY + ": expected at least " + LEAST_PART_BYTES + ", found " + bytes);
    }
    return bytes;
  }
}
