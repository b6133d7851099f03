package org.annoyspark.jobs;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.annoyspark.spark.ForestMerge;
import org.annoyspark.spark.IndexBuild;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "merge",
    description = "Makes one index of the trees of several over the same items.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MergeCommand implements Callable<Integer> {

  @Spec private CommandSpec command;

  @Option(
      names = "--index",
      required = true,
      paramLabel = "URI",
      description = "The directory of an index; two or more, whose trees follow in this order.")
  private List<String> indexes;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description = "The directory of the merged index: file:, hdfs:, s3a:, …")
  private String output;

  @Option(
      names = "--overwrite",
      description = "Replaces an index that is there, one of those merged too.")
  private boolean overwrite;

  @Mixin private SparkOptions spark;

  @Override
  public Integer call() throws IOException {
    if (indexes.size() < 2) {
      throw new ParameterException(
          command.commandLine(), "expected two indexes or more, each with --index, found one");
    }
    PrintWriter out = command.commandLine().getOut();
    long start = System.nanoTime();
    try (SparkSession session = spark.openSession("merge")) {
      ForestMerge merge =
          new ForestMerge().overwrite(overwrite).progress(line -> out.println("  " + line));
      indexes.forEach(merge::index);
      IndexBuild.Report report = merge.run(session, output);
      BuildSummary.print(report, out, (System.nanoTime() - start) / 1e9);
    }
    return 0;
  }
}
