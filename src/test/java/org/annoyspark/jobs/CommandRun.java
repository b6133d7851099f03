package org.annoyspark.jobs;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** A command as users run it, in this JVM. A Spark session that it opens, it stops. */
public record CommandRun(int exitCode, String out, String err) {

  /** Runs a command that opens no session. */
  static CommandRun of(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> texts = new ArrayList<>();
    for (Object arg : args) {
      texts.add(arg.toString());
    }
    int exitCode =
        AnnoySpark.run(
            texts.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
    return new CommandRun(exitCode, out.toString(), err.toString());
  }

  /** Runs a command in a small local Spark. */
  public static CommandRun withSpark(Object... args) {
    List<Object> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--master", "local[2]", "--conf", "spark.ui.enabled=false"));
    all.addAll(List.of("--conf", "spark.sql.shuffle.partitions=2"));
    return of(all.toArray());
  }
}
