package org.annoyspark.jobs;

import org.annoyspark.format.DotLayout;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.storage.IndexAddress;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which index a command is about. */
final class IndexOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--index",
      required = true,
      paramLabel = "URI",
      description = "An index directory, or a bare Annoy file with --metric and --dimension.")
  String uri;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      converter = Converters.MetricName.class,
      description = "Metric of a bare file: angular, euclidean, manhattan, dot or hamming.")
  private String metric;

  @Option(
      names = "--dimension",
      paramLabel = "N",
      description = "Dimension of a bare file; for hamming, bits.")
  private Integer dimension;

  @Option(
      names = "--dot-layout",
      paramLabel = "LAYOUT",
      converter = Converters.DotLayoutName.class,
      description =
          "Node layout of a bare dot file: 1.17 (released clients) or main. Default: 1.17.")
  private DotLayout dotLayout = DotLayout.RELEASED;

  /** Metric and dimension, or null if neither was given. */
  IndexAddress.BareFile bareFile() {
    if (metric == null && dimension == null) {
      return null;
    }
    if (metric == null || dimension == null) {
      throw new ParameterException(
          command.commandLine(), "--metric and --dimension go together: a bare file needs both");
    }
    return new IndexAddress.BareFile(metric, dimension, dotLayout);
  }

  /** A heading that names the index and what it is. */
  String heading(AnnoyIndex index) {
    return String.format(
        "%s: %s, %,d items, %,d trees, %,d nodes",
        uri, index.metric(), index.items(), index.trees(), index.nodes());
  }
}
