package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WholeTreePlanTest {

  @Test
  void treesAreSharedOutOverTheSlots() {
    assertEquals(10, WholeTreePlan.groupSize(1000, 10, 1));
    assertEquals(5, WholeTreePlan.groupSize(1000, 10, 2));
    assertEquals(4, WholeTreePlan.groupSize(1000, 10, 3));
    assertEquals(1, WholeTreePlan.groupSize(1000, 10, 10));
  }

  /** 256 MiB hold 33,554,432 orders of 8 bytes. */
  @Test
  void groupsShrinkRatherThanTakeMoreMemory() {
    assertEquals(11, WholeTreePlan.groupSize(3_000_000, 100, 1));
    assertEquals(1, WholeTreePlan.groupSize(33_554_432, 100, 1));
    assertEquals(2, WholeTreePlan.groupSize(16_777_216, 100, 1));
    assertEquals(1, WholeTreePlan.groupSize(16_777_217, 100, 1));
  }

  @Test
  void atLeastOneTreeGrowsOfHoweverManyItems() {
    assertEquals(1, WholeTreePlan.groupSize(Integer.MAX_VALUE, 100, 1));
  }
}
