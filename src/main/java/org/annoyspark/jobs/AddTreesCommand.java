package org.annoyspark.jobs;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.annoyspark.index.TreeCount;
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
    name = "add-trees",
    description =
        "Grows more trees onto an index and publishes it anew; readers keep the old build.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class AddTreesCommand implements Callable<Integer> {

  @Spec private CommandSpec command;

  @Option(
      names = "--index",
      required = true,
      paramLabel = "URI",
      description = "The directory of the index.")
  private String index;

  @Option(
      names = "--trees",
      required = true,
      paramLabel = "N",
      converter = Converters.Trees.class,
      description = "How many trees to add.")
  private TreeCount trees;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Their seed. Default: the index's, so that the same bytes come out as of one build with"
              + " all of the trees.")
  private Long seed;

  @Mixin private SparkOptions spark;

  @Override
  public Integer call() throws IOException {
    if (trees.isAuto()) {
      throw new ParameterException(
          command.commandLine(),
          "Invalid value for option '--trees' (N): expected a number, found 'auto'");
    }
    PrintWriter out = command.commandLine().getOut();
    long start = System.nanoTime();
    try (SparkSession session = spark.openSession("add-trees")) {
      ForestMerge merge =
          new ForestMerge()
              .index(index)
              .moreTrees(trees.fixed())
              .overwrite(true)
              .progress(line -> out.println("  " + line));
      if (seed != null) {
        merge.seed(seed);
      }
      IndexBuild.Report report = merge.run(session, index);
      BuildSummary.print(report, out, (System.nanoTime() - start) / 1e9);
    }
    return 0;
  }
}
