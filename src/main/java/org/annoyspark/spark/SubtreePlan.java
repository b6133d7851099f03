package org.annoyspark.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.annoyspark.format.ItemOrder;
import org.annoyspark.format.TreeAssembly;
import org.annoyspark.index.DividedTree;
import org.annoyspark.index.ForestBuilder;
import org.annoyspark.index.Subtree;
import org.annoyspark.index.Workers;
import org.annoyspark.storage.StagedFile;
import org.annoyspark.storage.StagedFileWriter;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * For fewer trees than slots: a task for the top of each tree, then many for the subtrees, then one
 * for each tree that joins them. How many subtrees there are follows from the slots, not from the
 * items. Only the joined trees have receipts.
 */
final class SubtreePlan implements TreePlan, Serializable {

  private static final long serialVersionUID = 1L;

  /** Enough for all slots to be busy to the end, few enough for the tops to be there soon. */
  private static final int SUBTREES_PER_SLOT = 4;

  private final TreeWork work;

  SubtreePlan(TreeWork work) {
    this.work = work;
  }

  /**
   * The top of a tree.
   *
   * @param items of one subtree after another
   */
  private record Top(int tree, StagedFile splits, StagedFile items, List<Subtree> subtrees)
      implements Serializable {}

  /**
   * A task's share: consecutive subtrees of a tree.
   *
   * @param firstItem the place of their first among the top's items
   */
  private record Batch(int tree, StagedFile items, long firstItem, List<Subtree> subtrees)
      implements Serializable {}

  /**
   * A batch that stands in a file.
   *
   * @param roots see {@link TreeAssembly#append}
   */
  private record GrownBatch(int tree, StagedFile nodes, int[] roots) implements Serializable {}

  /** All of a tree, in its order. */
  private record Parts(Top top, List<GrownBatch> batches) implements Serializable {}

  @Override
  public List<GrownTree> grow(JavaSparkContext spark, List<Integer> trees, Slots slots) {
    int mostItems = mostSubtreeItems(trees.size(), slots.count());
    BuildRun.describe(spark, "tops of trees");
    List<Top> tops = Tasks.run(spark, trees, tree -> growTop(tree, mostItems));
    BuildRun.describe(spark, "subtrees");
    List<Batch> batches = tops.stream().flatMap(top -> batches(top, mostItems).stream()).toList();
    List<GrownBatch> grownBatches = Tasks.run(spark, batches, this::growBatch);
    Map<Integer, List<GrownBatch>> grown =
        grownBatches.stream().collect(Collectors.groupingBy(GrownBatch::tree));
    BuildRun.describe(spark, "trees");
    List<Parts> parts = tops.stream().map(top -> new Parts(top, grown.get(top.tree()))).toList();
    return Tasks.run(spark, parts, this::join);
  }

  private int mostSubtreeItems(int trees, int slots) {
    long share = (long) work.items().items() * trees / ((long) SUBTREES_PER_SLOT * slots);
    int leastItems = ForestBuilder.mostGatheredItems(work.metricChoice().metric());
    return (int) Math.max(leastItems, share);
  }

  private Top growTop(int tree, int mostItems) throws IOException {
    StagedFileWriter splits = work.piece("top", tree);
    StagedFileWriter items = work.piece("order", tree);
    List<Subtree> subtrees;
    try (splits;
        items;
        Workers workers = TreeWork.workers()) {
      subtrees =
          work.builder(workers)
              .divideTop(tree, mostItems)
              .write(
                  TreeWork.into(splits),
                  (order, from, to) -> ItemOrder.write(order, from, to, items));
    }
    return new Top(tree, splits.report(), items.report(), subtrees);
  }

  /** As many subtrees to a batch as have {@code mostItems} together, but at least one. */
  private static List<Batch> batches(Top top, int mostItems) {
    List<Batch> batches = new ArrayList<>();
    List<Subtree> subtrees = top.subtrees();
    long firstItem = 0;
    for (int from = 0, to; from < subtrees.size(); from = to) {
      long items = subtrees.get(from).items();
      to = from + 1;
      while (to < subtrees.size() && items + subtrees.get(to).items() <= mostItems) {
        items += subtrees.get(to++).items();
      }
      List<Subtree> share = List.copyOf(subtrees.subList(from, to));
      batches.add(new Batch(top.tree(), top.items(), firstItem, share));
      firstItem += items;
    }
    return batches;
  }

  private GrownBatch growBatch(Batch batch) throws IOException {
    try (Workers workers = TreeWork.workers()) {
      List<DividedTree> divided =
          work.builder(workers).divideSubtrees(batch.subtrees(), items(batch));
      return write(batch, divided);
    }
  }

  private GrownBatch write(Batch batch, List<DividedTree> divided) throws IOException {
    int[] roots = new int[divided.size()];
    StagedFileWriter nodes = work.piece("subtrees", batch.tree());
    try (nodes) {
      for (int i = 0; i < roots.length; i++) {
        roots[i] = divided.get(i).write(TreeWork.into(nodes));
      }
    }
    return new GrownBatch(batch.tree(), nodes.report(), roots);
  }

  private int[] items(Batch batch) throws IOException {
    int count = batch.subtrees().stream().mapToInt(Subtree::items).sum();
    long fromByte = ItemOrder.byteOffset(batch.firstItem());
    try (InputStream in = work.open(batch.items(), fromByte)) {
      return ItemOrder.read(batch.items().path(), in, count);
    }
  }

  private GrownTree join(Parts parts) throws IOException {
    Top top = parts.top();
    StagedFileWriter tree = work.piece(TreeWork.TREE_KIND, top.tree());
    int nodes;
    try (tree;
        InputStream splits = work.open(top.splits(), 0)) {
      TreeAssembly assembly =
          new TreeAssembly(
              work.layout(), work.items().items(), top.subtrees().size(), splits, tree);
      for (GrownBatch batch : parts.batches()) {
        try (InputStream subtrees = work.open(batch.nodes(), 0)) {
          assembly.append(subtrees, batch.roots());
        }
      }
      nodes = assembly.nodes();
    }
    return new GrownTree(top.tree(), nodes, tree.reportWithReceipt());
  }
}
