package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NeighborQueueTest {

  private static final float[] DISTANCES = {
    Float.NEGATIVE_INFINITY,
    -Float.MAX_VALUE,
    -1.5f,
    -Float.MIN_VALUE,
    -0f,
    0f,
    Float.MIN_VALUE,
    1,
    Math.nextUp(1f),
    Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NaN
  };

  private record Pair(float distance, int item) {}

  /** As a comparison of floats has it: the zeros are equal; and NaN behind all. */
  private static int compare(float a, float b) {
    return Float.compare(a + 0f, b + 0f);
  }

  @Test
  void packingKeepsTheOrder() {
    int[] items = {0, 1, Integer.MAX_VALUE};
    for (float a : DISTANCES) {
      for (float b : DISTANCES) {
        for (int itemA : items) {
          for (int itemB : items) {
            int expected = compare(a, b) != 0 ? compare(a, b) : Integer.compare(itemA, itemB);
            long packedA = OrderedFloat.pack(a, itemA);
            long packedB = OrderedFloat.pack(b, itemB);
            assertEquals(
                Integer.signum(expected),
                Integer.signum(Long.compare(packedA, packedB)),
                a + " " + itemA + ", " + b + " " + itemB);
            assertEquals(itemA, OrderedFloat.low(packedA));
            assertEquals(a + 0f, OrderedFloat.high(packedA));
          }
        }
      }
    }
  }

  @Test
  void anyNaNIsTheSame() {
    float other = Float.intBitsToFloat(0xffc00123);
    assertEquals(OrderedFloat.pack(Float.NaN, 3), OrderedFloat.pack(other, 3));
  }

  @Test
  void theSmallestStay() {
    Random random = new Random(6);
    NeighborQueue queue = new NeighborQueue();
    for (int round = 0; round < 500; round++) {
      List<Pair> pairs = new ArrayList<>();
      int k = 1 + random.nextInt(30);
      queue.reset(k);
      for (int i = random.nextInt(100); i > 0; i--) {
        float distance =
            random.nextBoolean()
                ? DISTANCES[random.nextInt(DISTANCES.length)]
                : (float) random.nextGaussian();
        pairs.add(new Pair(distance, random.nextInt(1000)));
        queue.offer(distance, pairs.get(pairs.size() - 1).item());
      }
      pairs.sort(
          ((Comparator<Pair>) (p, q) -> compare(p.distance(), q.distance()))
              .thenComparingInt(Pair::item));
      List<Pair> nearest = pairs.subList(0, Math.min(k, pairs.size()));
      Neighbors found = queue.drain();
      assertArrayEquals(nearest.stream().mapToInt(Pair::item).toArray(), found.items());
      assertEquals(nearest.size(), found.size());
      for (int i = 0; i < found.size(); i++) {
        assertEquals(nearest.get(i).distance() + 0f, found.distances()[i]);
      }
    }
  }

  @Test
  void aQueueIsEmptyAfterDrainingAndResetting() {
    NeighborQueue queue = new NeighborQueue();
    queue.reset(3);
    queue.offer(1, 1);
    assertEquals(1, queue.drain().size());
    assertEquals(0, queue.drain().size());
    queue.offer(1, 1);
    queue.reset(3);
    assertEquals(0, queue.drain().size());
  }
}
