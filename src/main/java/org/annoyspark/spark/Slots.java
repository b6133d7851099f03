package org.annoyspark.spark;

import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/** How many tasks can run at once. */
final class Slots {

  private Slots() {}

  /**
   * Those of the executors that are there. Spark's default parallelism, which a site may have set
   * to anything, counts only where there are none yet.
   */
  static int count(JavaSparkContext spark) {
    SparkContext context = spark.sc();
    int slots =
        context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
    return slots > 0 ? slots : spark.defaultParallelism();
  }
}
