package org.annoyspark.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.IndexStatistics;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "inspect",
    description = "Prints an index's metadata, its trees and where its bytes are.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class InspectCommand implements Callable<Integer> {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Spec private CommandSpec command;
  @Mixin private IndexOptions index;

  @Option(names = "--json", description = "Prints JSON, for programs.")
  private boolean json;

  @Mixin private SparkOptions spark;

  @Override
  public Integer call() throws IOException {
    Configuration conf = spark.hadoopConf();
    IndexAddress address = IndexAddress.resolve(index.uri, index.bareFile(), conf);
    IndexMetadata metadata = address.readMetadata(conf);
    AnnoyIndex opened = PublishedIndex.open(address, conf).index();
    IndexStatistics statistics = IndexStatistics.of(opened);
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(JSON.writeValueAsString(asMap(address, metadata, opened, statistics)));
    } else {
      out.println(index.heading(opened));
      printMetadata(metadata, out);
      printTrees(statistics, out);
      printBytes(statistics, out);
    }
    return 0;
  }

  private static Map<String, Object> asMap(
      IndexAddress address, IndexMetadata metadata, AnnoyIndex opened, IndexStatistics statistics) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("file", address.file().toString());
    map.put("metric", opened.metric().name());
    map.put("dimension", opened.metric().dimension());
    map.put("items", opened.items());
    map.put("trees", opened.trees());
    map.put("nodes", opened.nodes());
    map.put("searchRoots", opened.searchRoots());
    map.put("statistics", statistics);
    map.put("metadata", metadata);
    return map;
  }

  private static void printMetadata(IndexMetadata metadata, PrintWriter out) {
    if (metadata == null) {
      out.println("bare file, no metadata");
      return;
    }
    out.printf(
        "build %s by %s, seed %d%nfile %s, %,d bytes, %,d checksums of %,d bytes%n",
        metadata.build(),
        metadata.createdBy(),
        metadata.seed(),
        metadata.file().name(),
        metadata.file().lengthBytes(),
        metadata.file().crc32c().size(),
        metadata.file().checksumChunkBytes());
    out.printf(
        "ids %s, %s; %,d holes%n",
        metadata.ids().type(),
        metadata.ids().mapped()
            ? "mapped by " + metadata.ids().directory()
            : "used as item numbers",
        metadata.holes());
  }

  private static void printTrees(IndexStatistics statistics, PrintWriter out) {
    out.printf(
        "%n%6s %12s %12s %12s %14s %8s %12s%n",
        "tree", "nodes", "splits", "buckets", "single items", "depth", "bucket fill");
    int number = 0;
    for (IndexStatistics.Tree tree : statistics.trees()) {
      out.printf(
          "%6d %,12d %,12d %,12d %,14d %,8d %11.1f%%%n",
          number++,
          tree.nodes(),
          tree.splits(),
          tree.buckets(),
          tree.singleItems(),
          tree.depth(),
          100 * tree.meanBucketFill());
    }
    out.printf("bucket capacity %,d%n", statistics.bucketCapacity());
  }

  private static void printBytes(IndexStatistics statistics, PrintWriter out) {
    long total =
        statistics.itemBytes()
            + statistics.splitBytes()
            + statistics.bucketBytes()
            + statistics.rootCopyBytes();
    out.printf("%n%-12s %16s %7s%n", "bytes", "", "share");
    Map<String, Long> kinds = new LinkedHashMap<>();
    kinds.put("items", statistics.itemBytes());
    kinds.put("splits", statistics.splitBytes());
    kinds.put("buckets", statistics.bucketBytes());
    kinds.put("root copies", statistics.rootCopyBytes());
    kinds.forEach(
        (kind, bytes) -> out.printf("%-12s %,16d %6.1f%%%n", kind, bytes, 100.0 * bytes / total));
  }
}
