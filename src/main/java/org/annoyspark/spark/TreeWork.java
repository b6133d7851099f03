package org.annoyspark.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.index.ForestBuilder;
import org.annoyspark.index.NodeSink;
import org.annoyspark.index.Workers;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.StagedFile;
import org.annoyspark.storage.StagedFileWriter;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/**
 * What all trees of a build have in common, for whichever task grows them.
 *
 * @param staging the directory of the pieces
 */
record TreeWork(
    MetricChoice metricChoice, long seed, StagedItems items, String staging, TaskConf conf)
    implements Serializable {

  /** What finished trees are called. */
  static final String TREE_KIND = "tree";

  NodeLayout layout() {
    return metricChoice.metric().layout();
  }

  /** As many threads as cores that Spark gives a task: {@code spark.task.cpus}. */
  static Workers workers() {
    return new Workers(TaskContext.get().cpus());
  }

  /** A builder over the items, which are fetched to this host first if they are remote. */
  ForestBuilder builder(Workers workers) throws IOException {
    Metric metric = metricChoice.metric();
    NodeStore store = OpenItems.open(items, metric.layout(), conf.value());
    return new ForestBuilder(metric, store, seed, workers);
  }

  /** A piece of this attempt. */
  StagedFileWriter piece(String kind, int number) throws IOException {
    return new StagedFileWriter(
        new Path(staging), TaskNames.ofThisAttempt(kind, number), conf.value());
  }

  InputStream open(StagedFile piece, long fromByte) throws IOException {
    return piece.open(fromByte, conf.value());
  }

  /** Takes nodes to a piece, as long as the task is wanted. */
  static NodeSink into(StagedFileWriter piece) {
    TaskContext task = TaskContext.get();
    return node -> {
      // Spark only asks a task to end; this one would grow all that it is to grow before it looked.
      if (task.isInterrupted()) {
        throw new TaskKilledException();
      }
      piece.write(node.array(), 0, node.limit());
    };
  }
}
