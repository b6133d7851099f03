package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeCountTest {

  @Test
  void aNumber() {
    assertFalse(TreeCount.of(7).isAuto());
    assertEquals(7, TreeCount.of(7).fixed());
    assertEquals("7", TreeCount.of(7).toString());
  }

  @Test
  void theRule() {
    assertTrue(TreeCount.auto().isAuto());
    assertEquals("auto", TreeCount.auto().toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void lessThanOneIsRefused(int trees) {
    assertEquals(
        "trees: expected 1 or more, or auto, found " + trees,
        assertThrows(IllegalArgumentException.class, () -> TreeCount.of(trees)).getMessage());
  }

  @Test
  void enoughIsAsManyTreeNodesAsItems() {
    assertEquals(-1, TreeCount.enough(100, new int[0]));
    assertEquals(-1, TreeCount.enough(100, new int[] {40, 59}));
    assertEquals(2, TreeCount.enough(100, new int[] {40, 60}));
    assertEquals(2, TreeCount.enough(100, new int[] {40, 60, 50}));
    assertEquals(1, TreeCount.enough(1, new int[] {1, 1}));
    int many = Integer.MAX_VALUE;
    assertEquals(-1, TreeCount.enough(many, new int[] {many - 1}));
    assertEquals(2, TreeCount.enough(many, new int[] {many - 1, many - 1, many}));
  }
}
