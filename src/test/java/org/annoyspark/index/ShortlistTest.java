package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ShortlistTest {

  private static final float NAN = Float.NaN;

  private final Shortlist shortlist = new Shortlist();

  private void offer(int item, float lower, float upper) {
    shortlist.offer(new int[] {item}, new float[] {lower}, new float[] {upper}, 1);
  }

  private int[] drain() {
    int[] target = new int[100];
    return Arrays.copyOf(target, shortlist.drain(target));
  }

  @Test
  void keepsWhatCanBeAmongTheNearest() {
    shortlist.reset(2);
    offer(10, 5, 6);
    offer(11, 7, 9);
    offer(12, 1, 8);
    offer(13, 8, 9);
    offer(14, 8.5f, 9);
    // The second smallest upper bound is 8.
    assertArrayEquals(new int[] {10, 11, 12, 13}, drain());
  }

  @Test
  void keepsAllOfFewerThanK() {
    shortlist.reset(3);
    offer(1, 5, 6);
    offer(0, 700, 900);
    assertArrayEquals(new int[] {1, 0}, drain());
  }

  @Test
  void keepsWhatHasNoBounds() {
    shortlist.reset(1);
    offer(3, 1, 2);
    offer(4, NAN, NAN);
    offer(5, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    offer(6, 3, 4);
    assertArrayEquals(new int[] {3, 4, 5}, drain());
    shortlist.reset(2);
    offer(3, 1, 2);
    offer(4, 3, NAN);
    offer(5, 1000, 1001);
    assertArrayEquals(new int[] {3, 4, 5}, drain());
  }

  @Test
  void isDrainedInPartsAndUsedAgain() {
    for (int round = 0; round < 2; round++) {
      shortlist.reset(1000);
      for (int item = 0; item < 1000; item++) {
        offer(item, item, item);
      }
      int[] target = new int[300];
      for (int expected : new int[] {300, 300, 300, 100, 0}) {
        assertEquals(expected, shortlist.drain(target));
      }
    }
  }
}
