package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergePlanTest {

  private static final int MOST = Integer.MAX_VALUE;
  private static final NodeLayout LAYOUT = NodeLayout.angular(10);

  @Test
  void treesFollowTheItemsAndRootCopiesTheTrees() {
    MergePlan plan = new MergePlan(LAYOUT, 100, new int[] {30, 1, 50});
    assertEquals(100, plan.items());
    assertEquals(3, plan.trees());
    int[] firstNodes = {100, 130, 131};
    int[] rootNodes = {129, 130, 180};
    for (int tree = 0; tree < 3; tree++) {
      assertEquals(firstNodes[tree], plan.firstNode(tree));
      assertEquals(rootNodes[tree], plan.rootNode(tree));
      assertEquals(181 + tree, plan.rootCopyNode(tree));
      assertEquals(firstNodes[tree] - 100, plan.childShift(tree));
    }
    assertEquals(184, plan.totalNodes());
    assertEquals(184L * LAYOUT.nodeBytes(), plan.totalBytes());
  }

  /** A split of two nodes, one of two items, one of an item and a node. */
  @Test
  void theRootsOfAFileTellItsTrees() {
    MergePlan plan =
        MergePlan.ofFile(
            "a file",
            LAYOUT,
            100,
            184,
            roots(new int[] {100, 110, 128}, new int[] {100, 5, 6}, new int[] {100, 179, 7}));
    assertEquals(129, plan.rootNode(0));
    assertEquals(130, plan.rootNode(1));
    assertEquals(180, plan.rootNode(2));
    assertEquals(184, plan.totalNodes());
  }

  @Test
  void aBucketIsATreeOfOneNode() {
    MergePlan plan =
        MergePlan.ofFile("a file", LAYOUT, 9, 13, roots(new int[] {9, 8, 7}, new int[] {9, 8, 7}));
    assertEquals(9, plan.rootNode(0));
    assertEquals(10, plan.rootNode(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "110 | 129 | 178 | end of the last tree: expected node 181, found 180",
        "110 | 128 | 181 | root of tree 1: expected a node of 130 to 180, found 182",
        "179 | 180 | 179 | root of tree 0: expected a node of 100 to 180, found 181",
        "179 | 178 | 179 | root of tree 1: expected a node of 181 to 180, found 180"
      })
  void otherRootsAreRefused(int child0, int child1, int lastChild, String fault) {
    ByteBuffer roots = roots(new int[] {100, child0, child1}, new int[] {100, lastChild, 7});
    String message =
        assertThrows(
                CorruptIndexException.class,
                () -> MergePlan.ofFile("a file", LAYOUT, 100, 183, roots))
            .getMessage();
    assertEquals("a file: " + fault, message);
  }

  private static ByteBuffer roots(int[]... descendantsAndChildren) {
    ByteBuffer roots =
        ByteBuffer.allocate(descendantsAndChildren.length * LAYOUT.nodeBytes())
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int tree = 0; tree < descendantsAndChildren.length; tree++) {
      int at = tree * LAYOUT.nodeBytes();
      roots.putInt(at + NodeLayout.DESCENDANTS_OFFSET_BYTES, descendantsAndChildren[tree][0]);
      roots.putInt(at + LAYOUT.childOffsetBytes(0), descendantsAndChildren[tree][1]);
      roots.putInt(at + LAYOUT.childOffsetBytes(1), descendantsAndChildren[tree][2]);
    }
    return roots;
  }

  @Test
  void theLastPossibleNodeFits() {
    MergePlan plan = new MergePlan(LAYOUT, MOST - 5, new int[] {2, 1});
    assertEquals(MOST, plan.totalNodes());
    assertEquals(MOST - 1, plan.rootCopyNode(1));
    assertEquals((long) MOST * LAYOUT.nodeBytes(), plan.totalBytes());
  }

  /** Rounded up to whole chunks it would be no long any more. */
  @Test
  void theLargestPartHoldsTheFile() {
    MergePlan plan = new MergePlan(LAYOUT, 100, new int[] {30});
    assertEquals(
        List.of(new MergePlan.Part(1, 0, plan.totalBytes(), true)),
        plan.parts(Long.MAX_VALUE, 1 << 20));
  }

  /** A file of 40 trees of 20 million nodes; the smallest tree over its items has 16,666,665. */
  @Test
  void nodesOfFilesCountAsTheyAre() {
    int items = 100_000_000;
    MergePlan.checkFits(LAYOUT, items, items, 900_000_000, 40, 40);
    assertTooMany(
        items,
        80,
        1_000_000_000L + 40 * 2 * 8_333_333L + 600_000_000,
        () -> MergePlan.checkFits(LAYOUT, items, items, 1_600_000_000, 40, 40));
  }

  @Test
  void oneNodeMoreDoesNot() {
    assertTooMany(MOST - 5, 2, 1L + MOST, () -> new MergePlan(LAYOUT, MOST - 5, new int[] {2, 2}));
  }

  @Test
  void sumsBeyondAnIntDoNotOverflow() {
    int[] treeNodes = {MOST, MOST, MOST, MOST};
    assertTooMany(10, 4, 10L + MOST, () -> new MergePlan(LAYOUT, 10, treeNodes));
  }

  /** A bucket holds 12 items: 120 items make 10 buckets, 9 splits and a root's copy. */
  @Test
  void whatCannotFitIsKnownBeforehand() {
    MergePlan.checkFits(LAYOUT, MOST - 20, 120, 1);
    assertTooMany(MOST - 19, 1, 1L + MOST, () -> MergePlan.checkFits(LAYOUT, MOST - 19, 120, 1));
    MergePlan.checkFits(LAYOUT, 1000, 120, (MOST - 1000) / 20);
    int trees = (MOST - 1000) / 20 + 1;
    assertTooMany(
        1000, trees, 1000 + 20L * trees, () -> MergePlan.checkFits(LAYOUT, 1000, 120, trees));
  }

  @Test
  void idsBeyondAnIntAreRefusedToo() {
    long items = 5_000_000_000L;
    assertTooMany(items, 1, items + 2, () -> MergePlan.checkFits(LAYOUT, items, 1, 1));
    MergePlan.checkFits(LAYOUT, MOST - 2, 1, 1);
  }

  private static void assertTooMany(long items, int trees, long nodes, Runnable plan) {
    assertEquals(
        "too many nodes: an Annoy file holds at most 2147483647, but "
            + items
            + " items and "
            + trees
            + " trees need at least "
            + nodes
            + "; use fewer trees, or several indexes",
        assertThrows(IllegalArgumentException.class, plan::run).getMessage());
  }

  @Test
  void twiceTheItemsMustFit() {
    MergePlan.checkFitsTwice(MOST / 2);
    long items = MOST / 2 + 1L;
    assertTooMany((int) items, 1, 2 * items + 1, () -> MergePlan.checkFitsTwice(items));
  }

  @Test
  void partsAreWholeUnitsAndCoverTheFile() {
    MergePlan plan = new MergePlan(LAYOUT, 100_000, new int[] {30_000});
    List<MergePlan.Part> parts = plan.parts(1 << 20, 300_000);
    long at = 0;
    for (int i = 0; i < parts.size(); i++) {
      MergePlan.Part part = parts.get(i);
      assertEquals(i + 1, part.number());
      assertEquals(at, part.fromByte());
      assertEquals(i == parts.size() - 1, part.isLast());
      if (!part.isLast()) {
        assertEquals(1_200_000, part.lengthBytes());
      }
      at = part.toByte();
    }
    assertEquals(plan.totalBytes(), at);
  }

  @Test
  void thereAreNeverMorePartsThanAnObjectStoreTakes() {
    MergePlan plan = new MergePlan(NodeLayout.angular(1000), 1_000_000_000, new int[] {7});
    List<MergePlan.Part> parts = plan.parts(5 << 20, 8 << 20);
    assertTrue(parts.size() <= 10_000, parts.size() + " parts");
    assertEquals(0, parts.get(0).lengthBytes() % (8 << 20));
  }
}
