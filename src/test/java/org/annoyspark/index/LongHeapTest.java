package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Collections;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LongHeapTest {

  @Test
  void itAgreesWithTheJdksQueue() {
    Random random = new Random(5);
    for (int round = 0; round < 200; round++) {
      // Few different values make for many ties.
      int bound = round % 2 == 0 ? 5 : Integer.MAX_VALUE;
      PriorityQueue<Long> expected = new PriorityQueue<>(Collections.reverseOrder());
      LongHeap heap = new LongHeap(1);
      for (int step = 0; step < 300; step++) {
        long entry = (long) random.nextInt(bound) - bound / 2;
        int action = random.nextInt(4);
        if (action < 2 || expected.isEmpty()) {
          expected.add(entry);
          heap.push(entry);
        } else if (action == 2) {
          assertEquals(expected.remove(), heap.pop());
        } else {
          expected.remove();
          expected.add(entry);
          heap.replaceTop(entry);
        }
        assertEquals(expected.size(), heap.size());
        if (!expected.isEmpty()) {
          assertEquals(expected.element(), heap.top());
        }
      }
      while (!expected.isEmpty()) {
        assertEquals(expected.remove(), heap.pop());
      }
      assertEquals(0, heap.size());
    }
  }

  @Test
  void extremesKeepTheirOrder() {
    long[] entries = {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE, Long.MIN_VALUE};
    LongHeap heap = new LongHeap(1);
    Arrays.stream(entries).forEach(heap::push);
    assertEquals(Long.MAX_VALUE, heap.pop());
    heap.clear();
    heap.push(7);
    assertEquals(7, heap.pop());
    assertEquals(0, heap.size());
  }
}
