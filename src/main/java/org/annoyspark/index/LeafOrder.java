package org.annoyspark.index;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeStore;

/**
 * The items as they stand in the leaves of a tree, from the first leaf to the last. Near items are
 * mostly in one leaf or in leaves close by, so searches for them in this order read the same nodes.
 */
final class LeafOrder {

  private final NodeStore store;
  private final Forest forest;
  private final int bucketCapacity;

  LeafOrder(NodeStore store, Forest forest) {
    this.store = store;
    this.forest = forest;
    this.bucketCapacity = store.layout().bucketCapacity();
  }

  /**
   * One of several parts of the order, of equal size but for one item. Reads the nodes above the
   * part and in it.
   *
   * @throws CorruptIndexException if one of them is damaged
   */
  int[] items(int part, int parts) {
    int root = forest.searchRoots()[0];
    if (store.descendants(root) <= bucketCapacity) {
      // A root that is a bucket has zeros for holes.
      int[] all = IntStream.range(0, forest.items()).filter(this::isItem).toArray();
      return Arrays.copyOfRange(
          all, start(all.length, part, parts), start(all.length, part + 1, parts));
    }
    // A root counts holes too.
    int size = Math.addExact(count(forest.child(root, 0)), count(forest.child(root, 1)));
    return walk(root, start(size, part, parts), start(size, part + 1, parts));
  }

  private static int start(int size, int part, int parts) {
    return (int) ((long) size * part / parts);
  }

  private int[] walk(int root, int from, int to) {
    int[] found = new int[to - from];
    int[] leaf = new int[bucketCapacity];
    IntStack nodes = new IntStack();
    pushChildren(nodes, root);
    int place = 0;
    while (place < to) {
      int node = nodes.pop();
      int count = count(node);
      if (place + count <= from) {
        place += count;
      } else if (count > bucketCapacity) {
        checkCount(node, count);
        pushChildren(nodes, node);
      } else {
        forest.readLeaf(node, leaf);
        for (int i = 0; i < count; i++, place++) {
          if (place >= from && place < to) {
            found[place - from] = checkItem(node, leaf[i]);
          }
        }
      }
    }
    return found;
  }

  private void pushChildren(IntStack nodes, int split) {
    nodes.push(forest.child(split, 1));
    nodes.push(forest.child(split, 0));
  }

  private int count(int node) {
    int count = store.descendants(node);
    // A hole has none; a bare root over few items and many holes has one for a child.
    int least = node < forest.items() ? 0 : 1;
    if (count < least) {
      throw corrupt(node, "n_descendants", least + " or more", count);
    }
    return count;
  }

  private void checkCount(int split, int count) {
    long below = (long) count(forest.child(split, 0)) + count(forest.child(split, 1));
    if (below != count) {
      throw corrupt(split, "n_descendants", "the children's " + below, count);
    }
  }

  private int checkItem(int leaf, int item) {
    if (!isItem(item)) {
      throw corrupt(leaf, "item in the leaf", "no hole", item);
    }
    return item;
  }

  private boolean isItem(int item) {
    return store.descendants(item) == 1;
  }

  private CorruptIndexException corrupt(int node, String what, String expected, int found) {
    return new CorruptIndexException(store.name() + ": node " + node, what, expected, found);
  }
}
