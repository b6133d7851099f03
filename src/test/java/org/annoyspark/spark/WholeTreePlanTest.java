package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.annoyspark.format.DotLayout;
import org.annoyspark.index.ForestBuilder;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.api.Test;

class WholeTreePlanTest {

  private static final long MIB = 1L << 20;

  private static Slots slots(int count) {
    return new Slots(count, 8192 * MIB);
  }

  @Test
  void treesAreSharedOutOverTheSlots() {
    assertEquals(10, WholeTreePlan.groupSize(1000, 10, slots(1)));
    assertEquals(5, WholeTreePlan.groupSize(1000, 10, slots(2)));
    assertEquals(4, WholeTreePlan.groupSize(1000, 10, slots(3)));
    assertEquals(1, WholeTreePlan.groupSize(1000, 10, slots(10)));
  }

  @Test
  void groupsShrinkRatherThanTakeMoreMemory() {
    assertEquals(11, WholeTreePlan.groupSize(8 * 3_000_000, 100, slots(1)));
    assertEquals(1, WholeTreePlan.groupSize(256 * MIB, 100, slots(1)));
    assertEquals(2, WholeTreePlan.groupSize(128 * MIB, 100, slots(1)));
    assertEquals(1, WholeTreePlan.groupSize(128 * MIB + 1, 100, slots(1)));
  }

  @Test
  void aGroupTakesAtMostAQuarterOfItsSlotsHeap() {
    assertEquals(6, WholeTreePlan.groupSize(10 * MIB, 100, new Slots(8, 256 * MIB)));
    assertEquals(1, WholeTreePlan.groupSize(10 * MIB, 100, new Slots(8, 79 * MIB)));
  }

  @Test
  void atLeastOneTreeGrowsOfHoweverManyItems() {
    assertEquals(1, WholeTreePlan.groupSize(8L * Integer.MAX_VALUE, 100, slots(1)));
  }

  /** Which the README promises. */
  @Test
  void aTreeTakesAtMost16BytesForAnItem() {
    for (int dimension : new int[] {1, 100, 1023, 1024, 1025, 4000, 4096, 5000, 100_000}) {
      Metric metric = Metric.of("euclidean", dimension, DotLayout.RELEASED);
      long bytes = ForestBuilder.bytesPerTree(metric, 10_000_000);
      assertTrue(bytes >= 80_000_000 && bytes <= 160_000_000, dimension + ": " + bytes);
    }
    Metric words = Metric.of("angular", 100, DotLayout.RELEASED);
    assertEquals(8 * 341_479 + 41 * 400, ForestBuilder.bytesPerTree(words, 341_479));
  }
}
