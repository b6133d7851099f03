package org.annoyspark.index;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.annoyspark.format.NodeStore;

/**
 * Checks every node of an index: headers, links, and that each item stands in each tree exactly
 * once. Keeps one bit per item, and a stack of one tree's depth.
 */
public final class IndexVerifier {

  private final NodeStore store;
  private final Forest forest;
  private final NodeCheck nodeCheck;
  private final int bucketCapacity;
  private final int mostFaults;
  private final List<String> faults = new ArrayList<>();
  private final int[] bucket;
  private long presentItems;

  private IndexVerifier(AnnoyIndex index, int mostFaults) {
    this.store = index.store();
    this.forest = index.forest();
    this.nodeCheck = new NodeCheck(store, forest, index.metric());
    this.bucketCapacity = store.layout().bucketCapacity();
    this.mostFaults = mostFaults;
    this.bucket = new int[bucketCapacity];
  }

  /**
   * Reads the whole index.
   *
   * @param mostFaults stops after that many
   * @return what is wrong, the first faults in file order; empty for a sound index
   */
  public static List<String> verify(AnnoyIndex index, int mostFaults) {
    IndexVerifier verifier = new IndexVerifier(index, mostFaults);
    verifier.checkNodes();
    // Trees are walked only where every link is known to lead to a node before it.
    if (verifier.faults.isEmpty()) {
      verifier.checkTrees();
    }
    return List.copyOf(verifier.faults);
  }

  private void checkNodes() {
    for (int node = 0; node < store.nodeCount() && !isFull(); node++) {
      String fault = nodeCheck.fault(node);
      if (fault != null) {
        faults.add("node " + node + ": " + fault);
      }
      if (node < forest.items() && store.descendants(node) == 1) {
        presentItems++;
      }
    }
  }

  private void checkTrees() {
    for (int tree = 0; tree < forest.trees() && !isFull(); tree++) {
      BitSet seen = new BitSet(forest.items());
      walk(tree, seen);
      if (seen.cardinality() != presentItems && !isFull()) {
        int missing = seen.nextClearBit(0);
        while (store.descendants(missing) != 1) {
          missing = seen.nextClearBit(missing + 1);
        }
        faults.add(
            "tree "
                + tree
                + ": expected each of "
                + presentItems
                + " items once, found "
                + seen.cardinality()
                + "; the first missing is item "
                + missing);
      }
    }
  }

  private void walk(int tree, BitSet seen) {
    IntStack stack = new IntStack();
    int root = forest.rootCopy(tree);
    int splits = 0;
    stack.push(root);
    while (!stack.isEmpty() && !isFull()) {
      int node = stack.pop();
      int descendants = store.descendants(node);
      if (node < forest.items()) {
        see(tree, node, seen, false);
      } else if (descendants > bucketCapacity) {
        if (++splits > store.nodeCount()) {
          faults.add("tree " + tree + ": expected each split once, found some shared");
          return;
        }
        stack.push(store.child(node, 1));
        stack.push(store.child(node, 0));
      } else {
        store.readInts(node, store.layout().childOffsetBytes(0), bucket, 0, descendants);
        for (int i = 0; i < descendants && !isFull(); i++) {
          see(tree, bucket[i], seen, node == root && i >= presentItems);
        }
      }
    }
  }

  /**
   * @param padding whether the id stands in a root's bucket behind the last item, where holes are
   *     counted but have left zeros
   */
  private void see(int tree, int item, BitSet seen, boolean padding) {
    if (store.descendants(item) != 1 || (padding && item == 0)) {
      if (!padding && presentItems > 1) {
        faults.add("tree " + tree + ": item " + item + " is a hole, yet stands in the tree");
      }
    } else if (seen.get(item)) {
      faults.add("tree " + tree + ": item " + item + " stands in the tree more than once");
    } else {
      seen.set(item);
    }
  }

  private boolean isFull() {
    return faults.size() >= mostFaults;
  }
}
