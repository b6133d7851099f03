package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.format.MergePlan;
import org.annoyspark.index.DividedTree;
import org.annoyspark.storage.StagedFileWriter;
import org.apache.spark.api.java.JavaSparkContext;

/** A group of trees in each task: they share the passes over the items. */
final class WholeTreePlan implements TreePlan, Serializable {

  private static final long serialVersionUID = 1L;

  /** What a group of trees may take for its item orders: 8 bytes an item and tree. */
  private static final long MOST_ORDER_BYTES = 256L << 20;

  private final TreeWork work;

  WholeTreePlan(TreeWork work) {
    this.work = work;
  }

  /** A task's share: consecutive trees. */
  private record Group(int firstTree, int count) implements Serializable {}

  @Override
  public List<GrownTree> grow(JavaSparkContext spark, List<Integer> trees, int slots) {
    List<Group> groups = groups(trees, groupSize(work.items().items(), trees.size(), slots));
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

  /** Trees of a task: as many as keep all slots at work, fewer where their orders take too much. */
  static int groupSize(int items, int trees, int slots) {
    long mostTrees = Math.max(1, MOST_ORDER_BYTES / (8L * items));
    return (int) Math.min(mostTrees, (trees - 1) / slots + 1);
  }

  private List<GrownTree> growGroup(Group group) throws IOException {
    List<GrownTree> grown = new ArrayList<>();
    int tree = group.firstTree();
    for (DividedTree divided : work.builder().divide(tree, group.count())) {
      grown.add(write(tree++, divided));
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
