package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeafPairsTest {

  private record Pair(int leaf, int query) {}

  @Test
  void comeOutByLeafAndThenAsTheyWereAdded() {
    Random random = new Random(1);
    LeafPairs pairs = new LeafPairs(5000);
    for (int leaves : new int[] {1, 200, 70_000, Integer.MAX_VALUE}) {
      List<Pair> expected = new ArrayList<>();
      while (!pairs.isFull()) {
        Pair pair = new Pair(random.nextInt(leaves), random.nextInt());
        expected.add(pair);
        pairs.add(pair.leaf, pair.query);
      }
      assertEquals(5000, pairs.size());
      expected.sort(Comparator.comparingInt(Pair::leaf));
      pairs.sortByLeaf();
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(expected.get(i), new Pair(pairs.leaf(i), pairs.query(i)));
      }
      pairs.clear();
      assertTrue(pairs.size() == 0 && !pairs.isFull());
      pairs.sortByLeaf();
    }
  }
}
