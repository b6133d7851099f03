package org.annoyspark.jobs;

import java.io.PrintWriter;
import java.util.stream.Collectors;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.vector.VectorUtil;

/** What a command says of the index that it has made. */
final class BuildSummary {

  private BuildSummary() {}

  static void print(IndexBuild.Report report, PrintWriter out, double seconds) {
    var metadata = report.metadata();
    out.printf(
        "built %s%n  %s, dimension %,d, %,d items, %,d trees, %,d nodes, %,d bytes%n",
        report.file(),
        metadata.metric(),
        metadata.dimension(),
        metadata.items() - metadata.holes(),
        metadata.trees(),
        metadata.nodes(),
        metadata.file().lengthBytes());
    out.printf(
        "  written by %s%n  %.1f s (%s), kernels: %s%n",
        report.upload(),
        seconds,
        report.stageMillis().entrySet().stream()
            .map(stage -> String.format("%s %.1f", stage.getKey(), stage.getValue() / 1e3))
            .collect(Collectors.joining(", ")),
        VectorUtil.kernels());
  }
}
