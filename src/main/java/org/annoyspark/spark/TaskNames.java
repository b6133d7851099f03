package org.annoyspark.spark;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.TaskContext;

/** Names of files that tasks write. */
final class TaskNames {

  private static final Pattern NAME = Pattern.compile("([a-z]+)-([0-9]+)-.*");

  private TaskNames() {}

  /** A name that no other attempt, of this or another task, uses. */
  static String ofThisAttempt(String kind, int number) {
    TaskContext context = TaskContext.get();
    return String.format(
        "%s-%05d-%d-%d", kind, number, context.stageAttemptNumber(), context.taskAttemptId());
  }

  /** The number in a name of that kind. */
  static OptionalInt number(String kind, String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() && matcher.group(1).equals(kind)
        ? OptionalInt.of(Integer.parseInt(matcher.group(2)))
        : OptionalInt.empty();
  }
}
