package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.annoyspark.metric.KeyedRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitChooserTest {

  private static final long COIN_KEY = 42;
  private static final int ITEMS = 64;

  @ParameterizedTest
  @ValueSource(floats = {Float.MIN_VALUE, 1, Float.MAX_VALUE, Float.POSITIVE_INFINITY})
  void theSignOfAMarginIsTheSide(float margin) {
    assertEquals(1, SplitChooser.side(margin, COIN_KEY, 0));
    assertEquals(0, SplitChooser.side(-margin, COIN_KEY, 0));
  }

  /** A NaN has a sign, too, which differs from one processor's instructions to another's. */
  @Test
  void aCoinDecidesAboutItemsInThePlaneAndWithoutAMargin() {
    int[] coins = IntStream.range(0, ITEMS).map(i -> KeyedRandom.coin(COIN_KEY, i)).toArray();
    assertEquals(2, IntStream.of(coins).distinct().count());
    float negativeNan = Float.intBitsToFloat(0xffc00000);
    for (float margin : new float[] {0f, -0f, Float.NaN, negativeNan}) {
      for (int item = 0; item < ITEMS; item++) {
        assertEquals(coins[item], SplitChooser.side(margin, COIN_KEY, item), "" + margin);
      }
    }
  }
}
