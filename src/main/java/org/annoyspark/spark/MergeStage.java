package org.annoyspark.spark;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.List;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.IndexFileWriter;
import org.annoyspark.format.MergePlan;
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.StagedFile;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/** Streams the staged pieces into the final file, in one task. */
final class MergeStage implements Serializable {

  private static final long serialVersionUID = 1L;

  private final MetricChoice metricChoice;
  private final StagedItems items;
  private final List<TreeStage.GrownTree> trees;
  private final String staging;
  private final SerializableConfiguration conf;

  MergeStage(
      MetricChoice metricChoice,
      StagedItems items,
      List<TreeStage.GrownTree> trees,
      Path staging,
      SerializableConfiguration conf) {
    this.metricChoice = metricChoice;
    this.items = items;
    this.trees = List.copyOf(trees);
    this.staging = staging.toString();
    this.conf = conf;
  }

  MergePlan plan() {
    int[] treeNodes = trees.stream().mapToInt(TreeStage.GrownTree::nodes).toArray();
    return new MergePlan(metricChoice.metric().layout(), items.items(), treeNodes);
  }

  /** Runs the stage; the file is still in staging. */
  StagedFile run(JavaSparkContext spark) {
    return spark.parallelize(List.of(0), 1).map(ignored -> write()).first();
  }

  private StagedFile write() throws IOException {
    MergePlan plan = plan();
    Path path = new Path(staging, TaskNames.ofThisAttempt("index", 0));
    List<String> crc32c;
    try (OutputStream out =
        new BufferedOutputStream(
            IndexDirectory.fileSystem(path, conf.value()).create(path, true), 1 << 20)) {
      crc32c =
          new IndexFileWriter(plan, out, ChunkChecksums.DEFAULT_CHUNK_BYTES)
              .write(
                  items.pieces().stream().map(this::piece).toList(),
                  trees.stream().map(tree -> piece(tree.file())).toList());
    }
    return new StagedFile(
        path.toString(), plan.totalBytes(), ChunkChecksums.DEFAULT_CHUNK_BYTES, crc32c);
  }

  private IndexFileWriter.Piece piece(StagedFile file) {
    return () -> file.toPath().getFileSystem(conf.value()).open(file.toPath());
  }
}
