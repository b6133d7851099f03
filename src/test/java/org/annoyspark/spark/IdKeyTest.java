package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class IdKeyTest {

  @Test
  void keysHaveTheOrderOfTheNumbers() {
    Random random = new Random(1);
    List<Long> longs =
        LongStream.concat(
                LongStream.of(Long.MIN_VALUE, -256, -1, 0, 1, 255, 256, Long.MAX_VALUE),
                LongStream.generate(() -> random.nextLong() >> random.nextInt(64)).limit(200))
            .boxed()
            .toList();
    for (long a : longs) {
      for (long b : longs) {
        assertEquals(
            Integer.signum(Long.compare(a, b)),
            Integer.signum(Arrays.compareUnsigned(IdKey.of(a), IdKey.of(b))));
        assertEquals(
            Integer.signum(Integer.compare((int) a, (int) b)),
            Integer.signum(Arrays.compareUnsigned(IdKey.of((int) a), IdKey.of((int) b))));
      }
    }
  }

  @Test
  void intsComeBack() {
    IntStream.of(Integer.MIN_VALUE, -1, 0, 1, 128, 70_000, Integer.MAX_VALUE)
        .forEach(id -> assertEquals(id, IdKey.toInt(IdKey.of(id))));
  }
}
