package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchedTest {

  @Test
  void worksBatchByBatchAndKeepsTheOrder() {
    for (int size = 0; size < 10; size++) {
      for (int batchSize = 1; batchSize < 12; batchSize++) {
        List<Integer> source = IntStream.range(0, size).boxed().toList();
        List<Integer> batchSizes = new ArrayList<>();
        Iterator<Integer> batched =
            new Batched<>(
                source.iterator(),
                batchSize,
                element -> 1,
                batch -> {
                  batchSizes.add(batch.size());
                  return batch.iterator();
                });
        List<Integer> found = new ArrayList<>();
        batched.forEachRemaining(found::add);
        assertEquals(source, found);
        assertEquals((size + batchSize - 1) / batchSize, batchSizes.size());
        int most = batchSize;
        assertEquals(0, batchSizes.stream().filter(n -> n < 1 || n > most).count());
        assertThrows(NoSuchElementException.class, batched::next);
      }
    }
  }

  @Test
  void takesNoMoreThanTheBatchInHand() {
    Iterator<Integer> source = IntStream.range(0, 100).boxed().iterator();
    Iterator<Integer> batched = new Batched<>(source, 3, element -> 1, List::iterator);
    assertEquals(0, batched.next());
    assertEquals(3, source.next());
  }

  @Test
  void aBatchEndsWithTheElementThatFillsIt() {
    List<List<Integer>> batches = new ArrayList<>();
    Iterator<Integer> batched =
        new Batched<>(
            List.of(3, 2, 9, 1, 1, 1, 1, 1).iterator(),
            5,
            element -> element,
            batch -> {
              batches.add(batch);
              return batch.iterator();
            });
    batched.forEachRemaining(element -> {});
    assertEquals(List.of(List.of(3, 2), List.of(9), List.of(1, 1, 1, 1, 1)), batches);
  }
}
