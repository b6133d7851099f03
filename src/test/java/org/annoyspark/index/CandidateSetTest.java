package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CandidateSetTest {

  @Test
  void comesOutInOrderWithoutRepeats() {
    Random random = new Random(1);
    for (int items : new int[] {1, 63, 64, 65, 4096, 4097, 100_000}) {
      CandidateSet set = new CandidateSet(items);
      for (int batch : new int[] {1, 2, 63, 64, 1000}) {
        TreeSet<Integer> expected = new TreeSet<>();
        for (int i = 0; i < 500; i++) {
          // Some dense, some far apart, and the last.
          int item = i == 0 ? items - 1 : random.nextInt(i % 2 == 0 ? items : Math.min(items, 300));
          expected.add(item);
          set.add(item);
        }
        assertEquals(List.copyOf(expected), drain(set, batch));
        assertEquals(List.of(), drain(set, batch));
      }
    }
  }

  @Test
  void clearingLeavesNothing() {
    CandidateSet set = new CandidateSet(10_000);
    for (int item = 5; item < 10_000; item += 77) {
      set.add(item);
    }
    assertEquals(3, set.drain(new int[3]));
    set.clear();
    set.add(9000);
    assertEquals(List.of(9000), drain(set, 4));
  }

  private static List<Integer> drain(CandidateSet set, int batch) {
    List<Integer> drained = new ArrayList<>();
    int[] target = new int[batch];
    for (int count = set.drain(target); count > 0; count = set.drain(target)) {
      for (int i = 0; i < count; i++) {
        drained.add(target[i]);
      }
    }
    return drained;
  }
}
