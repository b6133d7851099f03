package org.annoyspark.jobs;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.annoyspark.index.Neighbors;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "neighbors",
    description = "Prints the items nearest to an item or a vector, nearest first.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class NeighborsCommand implements Callable<Integer> {

  /** Either an item or a vector. */
  static final class Target {
    @Option(
        names = "--id",
        required = true,
        paramLabel = "ID",
        description = "The id of an item, as in the input.")
    private String id;

    @Option(
        names = "--vector",
        required = true,
        paramLabel = "X,Y,…",
        description = "The numbers of a vector, separated by commas.")
    private String vector;
  }

  @Spec private CommandSpec command;
  @Mixin private IndexOptions index;

  @ArgGroup(multiplicity = "1")
  private Target target;

  @Option(names = "-k", defaultValue = "10", paramLabel = "N", description = Texts.K)
  private int k;

  @Option(names = "--search-k", defaultValue = "-1", paramLabel = "N", description = Texts.SEARCH_K)
  private int searchK;

  @Mixin private SparkOptions spark;

  @Override
  public Integer call() throws IOException {
    Configuration conf = spark.hadoopConf();
    IndexAddress address = IndexAddress.resolve(index.uri, index.bareFile(), conf);
    PublishedIndex published = PublishedIndex.open(address, conf);
    Neighbors found =
        target.id != null
            ? published.index().nearestToItem(item(published), k, searchK)
            : published.index().nearestToVector(parse(target.vector), k, searchK);
    print(found, published);
    return 0;
  }

  private int item(PublishedIndex published) {
    OptionalInt item = published.ids().item(target.id);
    if (item.isEmpty() || !published.index().isItem(item.getAsInt())) {
      throw new IllegalArgumentException(
          index.uri + ": expected the id of one of its items, found '" + target.id + "'");
    }
    return item.getAsInt();
  }

  private static float[] parse(String text) {
    String[] numbers = text.trim().split("\\s*,\\s*", -1);
    float[] vector = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      try {
        vector[i] = Float.parseFloat(numbers[i]);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "--vector: expected numbers separated by commas, found '"
                + numbers[i]
                + "' at position "
                + i,
            e);
      }
    }
    return vector;
  }

  private void print(Neighbors found, PublishedIndex published) {
    PrintWriter out = command.commandLine().getOut();
    int width = "id".length();
    for (int item : found.items()) {
      width = Math.max(width, published.ids().id(item).toString().length());
    }
    out.printf("%4s  %-" + width + "s  %s%n", "rank", "id", "distance");
    for (int i = 0; i < found.size(); i++) {
      out.printf(
          "%4d  %-" + width + "s  %.6f%n",
          i + 1,
          published.ids().id(found.items()[i]),
          found.distances()[i]);
    }
  }
}
