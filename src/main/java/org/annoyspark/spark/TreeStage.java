package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.annoyspark.format.NodeStore;
import org.annoyspark.index.ForestBuilder;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.StagedFile;
import org.annoyspark.storage.StagedFileWriter;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/** Grows trees, a group of them in each task, and stages each as a file. */
final class TreeStage implements Serializable {

  /** What its pieces are called. */
  static final String KIND = "tree";

  private static final long serialVersionUID = 1L;

  /** What a group of trees may take for its item orders: 8 bytes an item and tree. */
  private static final long MOST_ORDER_BYTES = 256L << 20;

  private final MetricChoice metricChoice;
  private final long seed;
  private final StagedItems items;
  private final String staging;
  private final SerializableConfiguration conf;

  /** Trees that need not be grown. */
  private final transient Map<Integer, StagedFile> kept;

  TreeStage(
      MetricChoice metricChoice,
      long seed,
      StagedItems items,
      Map<Integer, StagedFile> kept,
      Path staging,
      SerializableConfiguration conf) {
    this.metricChoice = metricChoice;
    this.seed = seed;
    this.items = items;
    this.staging = staging.toString();
    this.conf = conf;
    this.kept = kept;
  }

  /** A tree that stands in a file. */
  record GrownTree(int tree, int nodes, StagedFile file) implements Serializable {}

  /** A task's share: consecutive trees. */
  private record Group(int firstTree, int count) implements Serializable {}

  /** Grows as many trees as asked for. */
  List<GrownTree> run(JavaSparkContext spark, TreeCount count) {
    if (!count.isAuto()) {
      return grow(spark, 0, count.fixed());
    }
    List<GrownTree> trees = new ArrayList<>();
    int enough = -1;
    while (enough < 0) {
      trees.addAll(grow(spark, trees.size(), nextWave(spark, trees)));
      enough = TreeCount.enough(items.items(), trees.stream().mapToInt(GrownTree::nodes).toArray());
    }
    // What is beyond was grown on speculation; the number must not depend on the wave's size.
    return trees.subList(0, enough);
  }

  /** How many more trees are probably needed; at first, one for each slot. */
  private int nextWave(JavaSparkContext spark, List<GrownTree> trees) {
    if (trees.isEmpty()) {
      return spark.defaultParallelism();
    }
    long nodes = trees.stream().mapToLong(GrownTree::nodes).sum();
    long missing = Math.max(1, items.items() - nodes);
    return (int) Math.max(1, missing * trees.size() / nodes);
  }

  /** That many trees, in order; those that are kept are not grown again. */
  private List<GrownTree> grow(JavaSparkContext spark, int firstTree, int count) {
    int nodeBytes = metricChoice.metric().layout().nodeBytes();
    SortedMap<Integer, GrownTree> trees = new TreeMap<>();
    List<Integer> missing = new ArrayList<>();
    for (int tree = firstTree; tree < firstTree + count; tree++) {
      StagedFile file = kept.get(tree);
      if (file == null) {
        missing.add(tree);
      } else {
        trees.put(tree, new GrownTree(tree, (int) (file.lengthBytes() / nodeBytes), file));
      }
    }
    if (!missing.isEmpty()) {
      List<Group> groups = groups(missing, groupSize(spark.defaultParallelism(), missing.size()));
      spark
          .parallelize(groups, groups.size())
          .map(this::growGroup)
          .collect()
          .forEach(grown -> grown.forEach(tree -> trees.put(tree.tree(), tree)));
    }
    return List.copyOf(trees.values());
  }

  private static List<Group> groups(List<Integer> trees, int groupSize) {
    List<Group> groups = new ArrayList<>();
    for (int from = 0, to; from < trees.size(); from = to) {
      to = from + 1;
      while (to < trees.size()
          && to - from < groupSize
          && trees.get(to) == trees.get(from) + to - from) {
        to++;
      }
      groups.add(new Group(trees.get(from), to - from));
    }
    return groups;
  }

  private int groupSize(int slots, int count) {
    long mostTrees = Math.max(1, MOST_ORDER_BYTES / (8L * items.items()));
    return (int) Math.min(mostTrees, (count - 1) / slots + 1);
  }

  private List<GrownTree> growGroup(Group group) throws IOException {
    Metric metric = metricChoice.metric();
    NodeStore store = items.open(metric.layout(), conf.value());
    List<StagedFileWriter> writers = new ArrayList<>();
    int[] nodes =
        new ForestBuilder(metric, store, seed)
            .grow(group.firstTree(), group.count(), tree -> sink(tree, writers));
    List<GrownTree> trees = new ArrayList<>();
    for (int i = 0; i < nodes.length; i++) {
      trees.add(new GrownTree(group.firstTree() + i, nodes[i], writers.get(i).report()));
    }
    return trees;
  }

  private ForestBuilder.TreeSink sink(int tree, List<StagedFileWriter> writers) throws IOException {
    StagedFileWriter writer =
        new StagedFileWriter(new Path(staging), TaskNames.ofThisAttempt(KIND, tree), conf.value());
    writers.add(writer);
    TaskContext task = TaskContext.get();
    return new ForestBuilder.TreeSink() {
      @Override
      public void append(ByteBuffer node) throws IOException {
        // Spark only asks a task to end; this one would grow all of its trees before it looked.
        if (task.isInterrupted()) {
          throw new TaskKilledException();
        }
        writer.write(node.array(), 0, node.limit());
      }

      @Override
      public void close() throws IOException {
        writer.close();
      }
    };
  }
}
