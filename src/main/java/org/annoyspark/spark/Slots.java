package org.annoyspark.spark;

import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Where tasks run.
 *
 * @param count how many can at once
 * @param heapBytes what each has of the heap of its executor, if all are at work
 */
record Slots(int count, long heapBytes) {

  /**
   * Those of the executors that are there. Spark's default parallelism, which a site may have set
   * to anything, counts only where there are none yet.
   */
  static Slots of(JavaSparkContext spark) {
    SparkContext context = spark.sc();
    int running =
        context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
    int count = running > 0 ? running : spark.defaultParallelism();
    // The driver is one of them.
    int executors = Math.max(1, context.getExecutorMemoryStatus().size() - 1);
    int slotsOfExecutor = (count - 1) / executors + 1;
    return new Slots(count, executorHeapBytes(spark) / slotsOfExecutor);
  }

  private static long executorHeapBytes(JavaSparkContext spark) {
    return spark.isLocal()
        ? Runtime.getRuntime().maxMemory()
        : spark.getConf().getSizeAsMb("spark.executor.memory", "1g") << 20;
  }
}
