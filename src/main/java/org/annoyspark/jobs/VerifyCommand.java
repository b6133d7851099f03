package org.annoyspark.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.IndexVerifier;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "verify",
    description =
        "Checks checksums, then every node: exit code 1 and the first faults if not sound.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class VerifyCommand implements Callable<Integer> {

  @Spec private CommandSpec command;
  @Mixin private IndexOptions index;

  @Option(
      names = "--max-faults",
      defaultValue = "10",
      paramLabel = "N",
      description = "How many faults are printed at most. Default: ${DEFAULT-VALUE}.")
  private int mostFaults;

  @Mixin private SparkOptions spark;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = command.commandLine().getOut();
    Configuration conf = spark.hadoopConf();
    IndexAddress address = IndexAddress.resolve(index.uri, index.bareFile(), conf);
    IndexMetadata metadata = address.readMetadata(conf);
    if (metadata != null) {
      // The published bytes themselves, not this host's copy of them.
      try (InputStream in = address.file().getFileSystem(conf).open(address.file())) {
        ChunkChecksums.verify(address.file().toString(), in, metadata.file());
      }
      out.printf("checksums: %,d chunks match%n", metadata.file().crc32c().size());
    }
    AnnoyIndex opened = PublishedIndex.open(address, conf).index();
    List<String> faults = IndexVerifier.verify(opened, Math.max(1, mostFaults));
    if (!faults.isEmpty()) {
      throw new CorruptIndexException(
          address.file() + ": not sound\n  " + String.join("\n  ", faults));
    }
    out.println(index.heading(opened));
    out.println("sound: every id in range, every item once in every tree, no cycles");
    return CommandLine.ExitCode.OK;
  }
}
