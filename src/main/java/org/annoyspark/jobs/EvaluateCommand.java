package org.annoyspark.jobs;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.annoyspark.eval.Recall;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.spark.QuerySample;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "evaluate",
    description = "Measures recall@k against exact search, on this machine.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {

  @Spec private CommandSpec command;
  @Mixin private IndexOptions index;

  @Option(
      names = "--queries",
      paramLabel = "URI",
      description =
          "Parquet with vectors to ask for; without it, items of the index, each of which does not"
              + " count as its own neighbour.")
  private String queries;

  @Option(
      names = "--features-col",
      defaultValue = "features",
      paramLabel = "NAME",
      description = "Vectors of the queries. Default: ${DEFAULT-VALUE}.")
  private String featuresColumn;

  @Option(
      names = "--sample",
      defaultValue = "1000",
      paramLabel = "N",
      description = "How many queries at most. Default: ${DEFAULT-VALUE}.")
  private int sample;

  @Option(names = "-k", defaultValue = "10", paramLabel = "N", description = Texts.K)
  private int k;

  @Option(
      names = "--search-k",
      defaultValue = "-1",
      split = ",",
      paramLabel = "N",
      description = Texts.SEARCH_K + " Several, separated by commas, are measured in turn.")
  private int[] searchKs;

  @Mixin private SparkOptions spark;

  @Override
  public Integer call() throws IOException {
    Configuration conf = spark.hadoopConf();
    IndexAddress address = IndexAddress.resolve(index.uri, index.bareFile(), conf);
    AnnoyIndex opened = PublishedIndex.open(address, conf).index();
    if (sample < 1) {
      throw new IllegalArgumentException("--sample: expected 1 or more, found " + sample);
    }
    int[] selves = queries == null ? evenlySpaced(opened) : null;
    float[][] vectors = queries == null ? itemVectors(opened, selves) : readQueries(opened);
    if (selves == null) {
      selves = new int[vectors.length];
      Arrays.fill(selves, -1);
    }
    for (int searchK : searchKs) {
      Recall recall = Recall.measure(opened, vectors, selves, k, searchK);
      command
          .commandLine()
          .getOut()
          .printf(
              "recall@%d %.3f at search-k %s, over %,d %s%n",
              k,
              recall.recall(),
              searchK == AnnoyIndex.DEFAULT_SEARCH_K
                  ? "default (" + k * opened.searchRoots() + ")"
                  : String.format("%,d", searchK),
              recall.queries(),
              queries == null ? "items of the index" : "queries");
    }
    return 0;
  }

  private int[] evenlySpaced(AnnoyIndex opened) {
    int[] items = IntStream.range(0, opened.items()).filter(opened::isItem).toArray();
    int count = Math.min(sample, items.length);
    return IntStream.range(0, count)
        .map(i -> items[(int) ((long) i * items.length / count)])
        .toArray();
  }

  private static float[][] itemVectors(AnnoyIndex opened, int[] items) {
    return Arrays.stream(items).mapToObj(opened::itemVector).toArray(float[][]::new);
  }

  private float[][] readQueries(AnnoyIndex opened) throws IOException {
    try (SparkSession session = spark.openSession("evaluate")) {
      return QuerySample.read(
          ItemInput.read(session, queries), featuresColumn, opened.metric().dimension(), sample);
    }
  }
}
