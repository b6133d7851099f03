package org.annoyspark.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.storage.AnnoyConf;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;

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

  /** A task's share of the heap is this many times what a batch takes unless that is set. */
  private static final int BATCHES_IN_SHARE = 4;

  private static final long LEAST_DEFAULT = 64L << 20;
  private static final long MOST_DEFAULT = 256L << 20;

  private static final Pattern LOCAL_MASTER = Pattern.compile("local\\[(\\d+)\\b.*");

  /**
   * As {@link AnnoyConf#JOIN_BATCH_BYTES} has it, and otherwise a quarter of a task's share of this
   * JVM's heap, but 64 MiB at least and 256 MiB at most.
   *
   * @throws IllegalArgumentException if that is out of its range
   */
  public static BatchBytes of(Configuration conf) {
    long defaultBytes = byDefault(Runtime.getRuntime().maxMemory(), mostTasks());
    return new BatchBytes(new AnnoyConf(conf).joinBatchBytes(defaultBytes));
  }

  static long byDefault(long heapBytes, int tasks) {
    return Math.min(MOST_DEFAULT, Math.max(LEAST_DEFAULT, heapBytes / tasks / BATCHES_IN_SHARE));
  }

  /**
   * How many tasks may run at once in this JVM. Executors do not tell, and without a setting they
   * have as many as their machine has cores.
   */
  private static int mostTasks() {
    int cores = Runtime.getRuntime().availableProcessors();
    return SparkEnv.get() == null ? cores : Math.max(cores, configuredCores(SparkEnv.get().conf()));
  }

  static int configuredCores(SparkConf conf) {
    Matcher local = LOCAL_MASTER.matcher(conf.get("spark.master", ""));
    return local.matches()
        ? Integer.parseInt(local.group(1))
        : conf.getInt("spark.executor.cores", 1);
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
