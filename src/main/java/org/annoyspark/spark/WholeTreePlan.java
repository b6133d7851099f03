package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.format.MergePlan;
import org.annoyspark.index.DividedTree;
import org.annoyspark.index.ForestBuilder;
import org.annoyspark.index.Workers;
import org.annoyspark.storage.StagedFileWriter;
import org.apache.spark.api.java.JavaSparkContext;

/** A group of trees in each task: they share the passes over the items. */
final class WholeTreePlan implements TreePlan, Serializable {

  private static final long serialVersionUID = 1L;

  /** What a group of trees may take until it is written; less where a slot has little heap. */
  private static final long MOST_GROUP_BYTES = 256L << 20;

  private static final int GROUP_SHARE_OF_HEAP = 4;

  private final TreeWork work;

  WholeTreePlan(TreeWork work) {
    this.work = work;
  }

  /** A task's share: consecutive trees. */
  private record Group(int firstTree, int count) implements Serializable {}

  @Override
  public List<GrownTree> grow(JavaSparkContext spark, List<Integer> trees, Slots slots) {
    long bytesPerTree =
        ForestBuilder.bytesPerTree(work.metricChoice().metric(), work.items().items());
    List<Group> groups = groups(trees, groupSize(bytesPerTree, trees.size(), slots));
    List<List<GrownTree>> grown = Tasks.run(spark, groups, this::growGroup);
    return grown.stream().flatMap(List::stream).toList();
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

  /** Trees of a task: as many as keep all slots at work, fewer where they take too much memory. */
  static int groupSize(long bytesPerTree, int trees, Slots slots) {
    long mostBytes = Math.min(MOST_GROUP_BYTES, slots.heapBytes() / GROUP_SHARE_OF_HEAP);
    long mostTrees = Math.max(1, mostBytes / bytesPerTree);
    return (int) Math.min(mostTrees, (trees - 1) / slots.count() + 1);
  }

  private List<GrownTree> growGroup(Group group) throws IOException {
    List<GrownTree> grown = new ArrayList<>();
    int tree = group.firstTree();
    try (Workers workers = TreeWork.workers()) {
      for (DividedTree divided : work.builder(workers).divide(tree, group.count())) {
        grown.add(write(tree++, divided));
      }
    }
    return grown;
  }

  /** With a receipt at once: if the build is killed now, this tree at least need not grow again. */
  private GrownTree write(int tree, DividedTree divided) throws IOException {
    int nodes;
    StagedFileWriter piece = work.piece(TreeWork.TREE_KIND, tree);
    try (piece) {
      nodes = MergePlan.stagedNodes(work.items().items(), divided.write(TreeWork.into(piece)));
    }
    return new GrownTree(tree, nodes, piece.reportWithReceipt());
  }
}
