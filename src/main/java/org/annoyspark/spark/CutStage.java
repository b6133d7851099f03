package org.annoyspark.spark;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.MergePlan;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeRelocator;
import org.annoyspark.storage.StagedFile;
import org.annoyspark.storage.StagedFileWriter;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Cuts the file of a published index into the pieces that a build would have staged, a piece in
 * each task: growing and merging go on from there.
 */
final class CutStage implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int BUFFER_BYTES = 1 << 20;

  /** A run of nodes of the file. */
  private record Cut(int number, int firstNode, int nodes, int childShift)
      implements Serializable {}

  private final MetricChoice metricChoice;
  private final int items;
  private final StagedFile file;
  private final List<Cut> treeCuts;
  private final TaskConf conf;

  CutStage(PublishedForest forest, TaskConf conf) {
    MergePlan plan = forest.plan();
    this.metricChoice = forest.metricChoice();
    this.items = plan.items();
    this.file = forest.file();
    this.treeCuts =
        IntStream.range(0, plan.trees())
            .mapToObj(
                tree ->
                    new Cut(
                        tree,
                        plan.firstNode(tree),
                        plan.rootNode(tree) + 1 - plan.firstNode(tree),
                        -plan.childShift(tree)))
            .toList();
    this.conf = conf;
  }

  /** Stages the item nodes. */
  StagedItems items(JavaSparkContext spark, Path staging) {
    String directory = staging.toString();
    List<Cut> cuts = itemCuts();
    List<StagedFile> pieces = Tasks.run(spark, cuts, cut -> stage(directory, ItemStage.KIND, cut));
    return new StagedItems(items, pieceNodes(), pieces);
  }

  /** The checksums that the staged item nodes would have: a list for each piece. */
  List<List<String>> itemChecksums(JavaSparkContext spark) {
    return Tasks.run(spark, itemCuts(), this::checksums);
  }

  /**
   * Stages the trees.
   *
   * @param firstTree the number of the first among all that are staged
   */
  List<GrownTree> trees(JavaSparkContext spark, Path staging, int firstTree) {
    String directory = staging.toString();
    return Tasks.run(
        spark,
        treeCuts,
        cut ->
            new GrownTree(
                firstTree + cut.number(), cut.nodes(), stage(directory, TreeWork.TREE_KIND, cut)));
  }

  private int pieceNodes() {
    return StagedItems.pieceNodes(metricChoice.metric().layout());
  }

  private List<Cut> itemCuts() {
    int pieceNodes = pieceNodes();
    return IntStream.rangeClosed(0, (items - 1) / pieceNodes)
        .mapToObj(
            piece -> {
              int first = piece * pieceNodes;
              return new Cut(piece, first, Math.min(pieceNodes, items - first), 0);
            })
        .toList();
  }

  private StagedFile stage(String staging, String kind, Cut cut) throws IOException {
    StagedFileWriter piece =
        new StagedFileWriter(
            new Path(staging), TaskNames.ofThisAttempt(kind, cut.number()), conf.value());
    try (piece) {
      copy(cut, piece);
    }
    return piece.report();
  }

  private List<String> checksums(Cut cut) throws IOException {
    ChunkChecksums checksums = new ChunkChecksums(StagedFileWriter.CHUNK_BYTES);
    copy(
        cut,
        new OutputStream() {
          @Override
          public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            checksums.update(bytes, offset, length);
          }
        });
    return checksums.finish();
  }

  /** Copies nodes, numbered as those of a staged piece. */
  private void copy(Cut cut, OutputStream out) throws IOException {
    NodeLayout layout = metricChoice.metric().layout();
    NodeRelocator relocator = new NodeRelocator(layout, items, cut.childShift());
    byte[] buffer = new byte[Math.max(1, BUFFER_BYTES / layout.nodeBytes()) * layout.nodeBytes()];
    try (InputStream in = file.open(layout.byteOffset(cut.firstNode()), conf.value())) {
      for (long left = layout.byteOffset(cut.nodes()); left > 0; ) {
        int length = (int) Math.min(buffer.length, left);
        int read = in.readNBytes(buffer, 0, length);
        if (read < length) {
          throw new EOFException(file.path() + ": expected " + length + " bytes, found " + read);
        }
        relocator.relocate(buffer, 0, length);
        out.write(buffer, 0, length);
        left -= length;
      }
    }
  }
}
