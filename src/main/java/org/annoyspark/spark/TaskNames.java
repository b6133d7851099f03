package org.annoyspark.spark;

import org.apache.spark.TaskContext;

/** Names of files that tasks write. */
final class TaskNames {

  private TaskNames() {}

  /** A name that no other attempt, of this or another task, uses. */
  static String ofThisAttempt(String prefix, int number) {
    TaskContext context = TaskContext.get();
    return String.format(
        "%s-%05d-%d-%d", prefix, number, context.stageAttemptNumber(), context.taskAttemptId());
  }
}
