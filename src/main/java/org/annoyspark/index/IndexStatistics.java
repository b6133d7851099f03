package org.annoyspark.index;

import java.util.ArrayList;
import java.util.List;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeStore;

/**
 * What an index consists of, counted.
 *
 * @param bucketCapacity item ids that fit a bucket
 * @param itemBytes bytes of item nodes, holes included
 * @param rootCopyBytes bytes of the roots' copies at the end
 */
public record IndexStatistics(
    List<Tree> trees,
    int bucketCapacity,
    long itemBytes,
    long splitBytes,
    long bucketBytes,
    long rootCopyBytes) {

  /**
   * One tree.
   *
   * @param splits nodes with a plane
   * @param buckets nodes with item ids
   * @param singleItems children that are an item themselves, with no node of their own
   * @param depth edges on the longest way from the root
   * @param meanBucketFill ids per bucket, as a share of the capacity
   */
  public record Tree(int splits, int buckets, int singleItems, int depth, double meanBucketFill) {

    public int nodes() {
      return splits + buckets;
    }
  }

  /**
   * Walks all trees.
   *
   * @throws CorruptIndexException if a walk would not end
   */
  public static IndexStatistics of(AnnoyIndex index) {
    NodeStore store = index.store();
    List<Tree> trees = new ArrayList<>();
    long splits = 0;
    long buckets = 0;
    for (int tree = 0; tree < index.trees(); tree++) {
      Tree counted = count(store, index.forest(), tree);
      trees.add(counted);
      splits += counted.splits();
      buckets += counted.buckets();
    }
    int nodeBytes = store.layout().nodeBytes();
    return new IndexStatistics(
        List.copyOf(trees),
        store.layout().bucketCapacity(),
        (long) index.items() * nodeBytes,
        splits * nodeBytes,
        buckets * nodeBytes,
        (long) index.trees() * nodeBytes);
  }

  private static Tree count(NodeStore store, Forest forest, int tree) {
    int capacity = store.layout().bucketCapacity();
    int splits = 0;
    int buckets = 0;
    int singles = 0;
    int deepest = 0;
    long held = 0;
    IntStack nodes = new IntStack();
    IntStack depths = new IntStack();
    nodes.push(forest.rootCopy(tree));
    depths.push(0);
    while (!nodes.isEmpty()) {
      int node = nodes.pop();
      int depth = depths.pop();
      deepest = Math.max(deepest, depth);
      if (node < forest.items()) {
        singles++;
      } else if (store.descendants(node) <= capacity) {
        buckets++;
        held += store.descendants(node);
      } else {
        forest.checkEntered(++splits);
        for (int side = 0; side <= 1; side++) {
          nodes.push(forest.child(node, side));
          depths.push(depth + 1);
        }
      }
    }
    double fill = buckets == 0 ? 0 : (double) held / ((long) buckets * capacity);
    return new Tree(splits, buckets, singles, deepest, fill);
  }
}
