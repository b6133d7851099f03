package org.annoyspark.spark;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.StagedFile;
import org.annoyspark.storage.Staging;
import org.apache.spark.api.java.JavaSparkContext;

/** What killed builds of the same rows and parameters have left: it need not be made again. */
final class Leftovers {

  private final List<Staging> stagings;
  private final Map<Integer, StagedFile> items = new TreeMap<>();
  private final Map<Integer, StagedFile> trees = new TreeMap<>();

  private Leftovers(List<Staging> stagings) {
    this.stagings = stagings;
  }

  /** For a build that starts from nothing. */
  static Leftovers none() {
    return new Leftovers(List.of());
  }

  /** Reads what is there once, in tasks, for a piece may have been damaged since. */
  static Leftovers find(List<Staging> stagings, JavaSparkContext spark, TaskConf conf)
      throws IOException {
    Leftovers leftovers = new Leftovers(stagings);
    for (Staging staging : stagings) {
      List<String> receipts = staging.receipts();
      if (!receipts.isEmpty()) {
        List<StagedFile> pieces =
            Tasks.collect(
                spark
                    .parallelize(
                        receipts, Math.min(receipts.size(), 4 * spark.defaultParallelism()))
                    .map(receipt -> StagedFile.find(receipt, conf.value()).orElse(null))
                    .filter(piece -> piece != null)
                    .map(Tasks::toBytes));
        pieces.forEach(leftovers::add);
      }
    }
    return leftovers;
  }

  /** Attempts at the same piece have the same bytes: the first will do. */
  private void add(StagedFile piece) {
    String name = piece.toPath().getName();
    TaskNames.number(ItemStage.KIND, name).ifPresent(n -> items.putIfAbsent(n, piece));
    TaskNames.number(TreeWork.TREE_KIND, name).ifPresent(n -> trees.putIfAbsent(n, piece));
  }

  /** The item nodes, if all of their pieces are there. */
  Optional<StagedItems> items(NodeLayout layout, int itemCount) {
    int pieceNodes = StagedItems.pieceNodes(layout);
    int pieces = (itemCount - 1) / pieceNodes + 1;
    return items.size() == pieces
        ? Optional.of(new StagedItems(itemCount, pieceNodes, List.copyOf(items.values())))
        : Optional.empty();
  }

  /** Trees that are there. */
  Map<Integer, StagedFile> trees() {
    return trees;
  }

  boolean isEmpty() {
    return stagings.isEmpty();
  }

  List<String> names() {
    return stagings.stream().map(staging -> staging.path().getName()).toList();
  }

  /**
   * Removes it, and what those builds were about to publish; not before this build is published.
   *
   * @param published which says what else must stay
   */
  void remove(IndexDirectory directory, IndexMetadata published) throws IOException {
    for (Staging staging : stagings) {
      staging.abortUpload();
      String build = staging.build();
      if (!build.equals(published.build()) && !build.equals(published.previousBuild())) {
        directory.removeBuild(build);
      }
      staging.delete();
    }
  }
}
