package org.annoyspark.spark;

import java.io.IOException;
import org.apache.spark.SparkContext;

/** What Spark's UI says that jobs are for. */
final class JobDescription {

  /** Spark's own name for it. */
  private static final String PROPERTY = "spark.job.description";

  private JobDescription() {}

  interface Work<T> {
    T run() throws IOException;
  }

  /** Describes the jobs of some work, and then gives the caller's description back. */
  static <T> T during(SparkContext context, String description, Work<T> work) throws IOException {
    String callers = context.getLocalProperty(PROPERTY);
    context.setJobDescription(description);
    try {
      return work.run();
    } finally {
      context.setJobDescription(callers);
    }
  }
}
