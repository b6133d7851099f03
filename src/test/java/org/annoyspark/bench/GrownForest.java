package org.annoyspark.bench;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.format.MergePlan;
import org.annoyspark.format.MergedFile;
import org.annoyspark.format.NodeStore;
import org.annoyspark.index.DividedTree;
import org.annoyspark.index.ForestBuilder;
import org.annoyspark.index.Workers;
import org.annoyspark.metric.Metric;

/** Trees as a task grows them: in one group, a file for each. */
final class GrownForest {

  private static final long SEED = 42;

  /** As of the files that the job writes trees to. */
  private static final int BUFFER_BYTES = 1 << 18;

  private final Metric metric;
  private final NodeStore items;
  private final Path directory;
  private final int trees;

  GrownForest(Metric metric, NodeStore items, Path directory, int trees) {
    this.metric = metric;
    this.items = items;
    this.directory = directory;
    this.trees = trees;
  }

  /** Grows all trees. */
  void grow(int threads) throws IOException {
    try (Workers workers = new Workers(threads)) {
      int tree = 0;
      ForestBuilder builder = new ForestBuilder(metric, items, SEED, workers);
      for (DividedTree divided : builder.divide(0, trees)) {
        try (OutputStream out =
            new BufferedOutputStream(Files.newOutputStream(treeFile(tree++)), BUFFER_BYTES)) {
          divided.write(node -> out.write(node.array(), 0, node.limit()));
        }
      }
    }
  }

  private Path treeFile(int tree) {
    return directory.resolve("tree-" + tree + ".nodes");
  }

  /** Makes one Annoy file of the items and what was grown last. */
  void save(Path itemsFile, Path target) throws IOException {
    List<MergedFile.Piece> pieces = new ArrayList<>();
    int[] treeNodes = new int[trees];
    for (int tree = 0; tree < trees; tree++) {
      Path file = treeFile(tree);
      treeNodes[tree] = (int) (Files.size(file) / metric.layout().nodeBytes());
      pieces.add(piece(file));
    }
    MergePlan plan = new MergePlan(metric.layout(), items.nodeCount(), treeNodes);
    MergedFile merged = new MergedFile(plan, List.of(piece(itemsFile)), items.nodeCount(), pieces);
    try (InputStream in = merged.open(0, merged.lengthBytes())) {
      Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static MergedFile.Piece piece(Path file) {
    return from -> {
      FileChannel channel = FileChannel.open(file).position(from);
      return new BufferedInputStream(Channels.newInputStream(channel));
    };
  }
}
