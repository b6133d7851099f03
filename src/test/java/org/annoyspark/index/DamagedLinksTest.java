package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.HeapNodeStore;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Query;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Links that a walk could follow for ever, or for longer than anybody waits. */
@Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
class DamagedLinksTest {

  private static final Metric METRIC = Metric.of("euclidean", 1, DotLayout.RELEASED);
  private static final int NODE_BYTES = METRIC.layout().nodeBytes();

  /** A file to be filled: items, then one tree, then its root's copy. */
  private static final class Draft {
    private final ByteBuffer bytes;
    private int nodes;

    Draft(int items, int firstHole, int treeNodes) {
      int capacity = (items + treeNodes + 1) * NODE_BYTES;
      bytes = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
      for (int item = 0; item < items; item++) {
        bytes.putInt(item * NODE_BYTES, item < firstHole ? 1 : 0);
        bytes.putFloat(item * NODE_BYTES + 16, item < firstHole ? item : 0);
      }
      nodes = items;
    }

    /** A split with a normal of zeros, or a bucket. */
    int add(int descendants, int... ids) {
      bytes.putInt(nodes * NODE_BYTES, descendants);
      for (int i = 0; i < ids.length; i++) {
        bytes.putInt(nodes * NODE_BYTES + 8 + 4 * i, ids[i]);
      }
      return nodes++;
    }

    NodeStore finish() {
      System.arraycopy(
          bytes.array(), (nodes - 1) * NODE_BYTES, bytes.array(), nodes * NODE_BYTES, NODE_BYTES);
      assertEquals(bytes.capacity(), (nodes + 1) * NODE_BYTES);
      return new HeapNodeStore("draft", METRIC.layout(), bytes.array());
    }
  }

  /** Past the checks at opening, which look at a sample of nodes only. */
  private static Neighbors search(NodeStore store) {
    Searcher searcher = new Searcher(store, new Forest(store, METRIC), METRIC, () -> null, 0);
    Query query = searcher.query();
    query.bind(new float[] {2});
    return searcher.search(5, Integer.MAX_VALUE);
  }

  private static void assertSearchFails(String message, NodeStore store) {
    assertEquals(
        message, assertThrows(CorruptIndexException.class, () -> search(store)).getMessage());
  }

  /** 100 levels of splits whose two children are the same node: 2^100 ways to the bottom. */
  private static NodeStore shared(int items, int firstHole) {
    Draft draft = new Draft(items, firstHole, 101);
    int below = firstHole > 1 ? draft.add(3, 0, 1, 2) : draft.add(items, 5, 6);
    for (int level = 0; level < 100; level++) {
      below = draft.add(items, below, below);
    }
    return draft.finish();
  }

  @Test
  void aSearchThroughSharedChildrenEnds() {
    assertSearchFails(
        "draft: splits entered: expected each once, of 112 nodes, found 113", shared(10, 10));
    assertSearchFails(
        "draft: splits entered: expected each once, of 112 nodes, found 113", shared(10, 1));
  }

  /** With one item, or none, nothing can stand in the tree twice. */
  @Test
  void verifyingAndCountingSharedChildrenEnds() {
    for (int firstHole : new int[] {10, 1, 0}) {
      AnnoyIndex index = new AnnoyIndex(shared(10, firstHole), METRIC);
      List<String> faults = IndexVerifier.verify(index, Integer.MAX_VALUE);
      assertTrue(
          faults.contains("tree 0: expected each split once, found some shared"), "" + faults);
      assertEquals(1, IndexVerifier.verify(index, 1).size());
      assertThrows(CorruptIndexException.class, () -> IndexStatistics.of(index));
    }
  }

  @Test
  void circlesAreRefused() {
    Draft draft = new Draft(10, 10, 3);
    draft.add(3, 0, 1, 2);
    draft.add(6, 10, 12);
    draft.add(10, 11, 3);
    NodeStore store = draft.finish();
    String fault = "child 1: expected 0 to 10, found 12";
    assertSearchFails("draft: node 11: " + fault, store);
    assertEquals(
        "draft: not a sound euclidean index of dimension 1: node 11: "
            + fault
            + "; the metric or the dimension is another, or the file is damaged",
        assertThrows(CorruptIndexException.class, () -> new AnnoyIndex(store, METRIC))
            .getMessage());
  }

  @Test
  void childrenOutOfRangeAreRefused() {
    for (int child : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 12, 13}) {
      Draft draft = new Draft(10, 10, 2);
      draft.add(3, 0, 1, 2);
      draft.add(10, 10, child);
      // The copy of the root is what a search enters, and stands one node later.
      NodeStore store = draft.finish();
      assertSearchFails("draft: node 12: child 1: expected 0 to 11, found " + child, store);
      assertThrows(CorruptIndexException.class, () -> new AnnoyIndex(store, METRIC));
    }
  }

  @Test
  void idsInBucketsAreChecked() {
    for (int id : new int[] {-1, 10, Integer.MAX_VALUE}) {
      Draft draft = new Draft(10, 10, 2);
      draft.add(3, 0, id, 2);
      draft.add(10, 10, 4);
      assertSearchFails(
          "draft: node 10: item id 1 of the bucket: expected 0 to 9, found " + id, draft.finish());
    }
    Draft negative = new Draft(10, 10, 2);
    negative.add(-5, 0, 1, 2);
    negative.add(10, 10, 4);
    assertSearchFails(
        "draft: node 10: n_descendants: expected 0 or more, found -5", negative.finish());
  }

  /** A tree may be a chain: each split has one item and all the rest below it. */
  @Test
  void aChainIsWalkedWithoutRecursion() {
    int items = 50_000;
    Draft draft = new Draft(items, items, items - 2);
    int pair = draft.add(2, 0, 1);
    int three = draft.add(3, 2, 3, 4);
    int below = draft.add(5, pair, three);
    for (int item = 5; item < items; item++) {
      below = draft.add(item + 1, item, below);
    }
    AnnoyIndex index = new AnnoyIndex(draft.finish(), METRIC);
    assertEquals(List.of(), IndexVerifier.verify(index, 10));
    assertEquals(items - 4, IndexStatistics.of(index).trees().get(0).depth());
    assertEquals(7, index.nearestToItem(7, 1, Integer.MAX_VALUE).items()[0]);
  }
}
