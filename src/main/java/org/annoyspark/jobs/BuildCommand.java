package org.annoyspark.jobs;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.spark.IndexBuild;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "build",
    description = "Builds an index from Parquet and publishes it as one Annoy file.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class BuildCommand implements Callable<Integer> {

  @Spec private CommandSpec command;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "URI",
      description = "Parquet with an id and a vector in every row.")
  private String input;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description = "The directory of the index: file:, hdfs:, s3a:, …")
  private String output;

  @Option(
      names = "--id-col",
      defaultValue = "id",
      paramLabel = "NAME",
      description = "Ids: int, bigint or string. Default: ${DEFAULT-VALUE}.")
  private String idColumn;

  @Option(
      names = "--features-col",
      defaultValue = "features",
      paramLabel = "NAME",
      description =
          "Vectors: array<float>, array<double> or MLlib vectors. Default: ${DEFAULT-VALUE}.")
  private String featuresColumn;

  @Option(
      names = "--metric",
      defaultValue = "angular",
      paramLabel = "NAME",
      converter = Converters.MetricName.class,
      description = "angular, euclidean, manhattan, dot or hamming. Default: ${DEFAULT-VALUE}.")
  private String metric;

  @Option(
      names = "--trees",
      defaultValue = "10",
      paramLabel = "N|auto",
      converter = Converters.Trees.class,
      description =
          "More trees find more neighbours and take more room; auto: as many as there is room for"
              + " in twice the items' nodes. Default: ${DEFAULT-VALUE}.")
  private TreeCount trees;

  @Option(
      names = "--first-tree",
      defaultValue = "0",
      paramLabel = "N",
      converter = Converters.FirstTree.class,
      description =
          "The number of the first tree, for forests that are to be merged: trees of one seed differ"
              + " by their numbers. Default: ${DEFAULT-VALUE}.")
  private int firstTree;

  @Option(
      names = "--seed",
      defaultValue = "42",
      paramLabel = "N",
      description =
          "The same input, options and seed give the same bytes. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--dot-layout",
      defaultValue = "1.17",
      paramLabel = "LAYOUT",
      converter = Converters.DotLayoutName.class,
      description =
          "For dot: 1.17 for released Annoy clients, main for its main branch. Default:"
              + " ${DEFAULT-VALUE}.")
  private DotLayout dotLayout;

  @Option(
      names = "--dot-norm-cap",
      defaultValue = "auto",
      paramLabel = "auto|PERCENT",
      converter = Converters.NormCap.class,
      description =
          "For dot: the length that items are brought to, as a percentile of their lengths; 100 is"
              + " the longest, as Annoy has it; auto goes by how they are spread. Default:"
              + " ${DEFAULT-VALUE}.")
  private DotNormCap dotNormCap;

  @Option(
      names = "--overwrite",
      description = "Replaces an index that is there; readers keep the old build.")
  private boolean overwrite;

  @Option(
      names = "--resume",
      description =
          "Goes on where a killed build of the same input and options stopped, if there is one. Not"
              + " while it still runs.")
  private boolean resume;

  @Mixin private SparkOptions spark;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = command.commandLine().getOut();
    long start = System.nanoTime();
    try (SparkSession session = spark.openSession("build")) {
      IndexBuild.Report report =
          new IndexBuild()
              .metric(metric)
              .trees(trees)
              .firstTree(firstTree)
              .seed(seed)
              .dotLayout(dotLayout)
              .dotNormCap(dotNormCap)
              .idColumn(idColumn)
              .featuresColumn(featuresColumn)
              .overwrite(overwrite)
              .resume(resume)
              .progress(line -> out.println("  " + line))
              .run(ItemInput.read(session, input), output);
      BuildSummary.print(report, out, (System.nanoTime() - start) / 1e9);
    }
    return 0;
  }
}
