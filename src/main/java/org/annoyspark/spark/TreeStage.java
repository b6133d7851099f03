package org.annoyspark.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.annoyspark.index.ForestBuilder;
import org.annoyspark.index.TreeCount;
import org.annoyspark.storage.StagedFile;
import org.apache.spark.api.java.JavaSparkContext;

/** Grows trees and stages each as a file. */
final class TreeStage {

  private final TreeWork work;
  private final Map<Integer, StagedFile> kept;

  /**
   * @param kept trees that need not be grown
   */
  TreeStage(TreeWork work, Map<Integer, StagedFile> kept) {
    this.work = work;
    this.kept = kept;
  }

  /**
   * Grows as many trees as asked for.
   *
   * @param firstTree the number of the first
   */
  List<GrownTree> run(JavaSparkContext spark, int firstTree, TreeCount count) {
    try {
      return growAll(spark, firstTree, count);
    } finally {
      BuildRun.describe(spark, "copies of items, removed");
      OpenItems.removeEverywhere(spark, work.items(), work.conf());
    }
  }

  private List<GrownTree> growAll(JavaSparkContext spark, int firstTree, TreeCount count) {
    if (!count.isAuto()) {
      return grow(spark, firstTree, count.fixed());
    }
    List<GrownTree> trees = new ArrayList<>();
    int enough = -1;
    while (enough < 0) {
      trees.addAll(grow(spark, firstTree + trees.size(), nextWave(spark, trees)));
      enough =
          TreeCount.enough(
              work.items().items(), trees.stream().mapToInt(GrownTree::nodes).toArray());
    }
    // What is beyond was grown on speculation; the number must not depend on the wave's size.
    return trees.subList(0, enough);
  }

  /**
   * How many more trees are probably needed; at first, one for each slot, but no more than whose
   * leaves alone would be enough.
   */
  private int nextWave(JavaSparkContext spark, List<GrownTree> trees) {
    if (trees.isEmpty()) {
      return Math.min(Slots.of(spark).count(), work.layout().bucketCapacity());
    }
    long nodes = trees.stream().mapToLong(GrownTree::nodes).sum();
    long missing = Math.max(1, work.items().items() - nodes);
    return (int) Math.max(1, missing * trees.size() / nodes);
  }

  /** That many trees, in order; those that are kept are not grown again. */
  private List<GrownTree> grow(JavaSparkContext spark, int firstTree, int count) {
    int nodeBytes = work.layout().nodeBytes();
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
      Slots slots = Slots.of(spark);
      plan(missing.size(), slots.count())
          .grow(spark, missing, slots)
          .forEach(tree -> trees.put(tree.tree(), tree));
    }
    return List.copyOf(trees.values());
  }

  /** Whole trees as long as they keep all slots busy, or are too small to be divided. */
  private TreePlan plan(int trees, int slots) {
    int smallItems = ForestBuilder.mostGatheredItems(work.metricChoice().metric());
    return trees >= slots || work.items().items() <= smallItems
        ? new WholeTreePlan(work)
        : new SubtreePlan(work);
  }
}
