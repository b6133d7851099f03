package org.annoyspark.index;

/** A float and a non-negative int in one long whose order is that of the float, then of the int. */
final class OrderedFloat {

  private OrderedFloat() {}

  static long pack(float value, int low) {
    // Adding zero turns -0 into +0, which are equal to Annoy but not to their bits.
    int bits = Float.floatToIntBits(value + 0f);
    int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ordered << 32) | low;
  }

  static float high(long packed) {
    int ordered = (int) (packed >> 32);
    return Float.intBitsToFloat(ordered ^ ((ordered >> 31) & Integer.MAX_VALUE));
  }

  static int low(long packed) {
    return (int) packed;
  }
}
