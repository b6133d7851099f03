package org.annoyspark.spark;

/** A number that stands for the content of a row, to tell whether two inputs are the same. */
final class RowHash {

  private static final long FACTOR = 0x9e3779b97f4a7c15L;

  private RowHash() {}

  /**
   * @param id Integer, Long, String or null
   */
  static long of(Object id, float[] vector) {
    long hash = 0;
    if (id instanceof Number number) {
      hash = step(hash, number.longValue());
    } else if (id != null) {
      String text = id.toString();
      for (int i = 0; i < text.length(); i++) {
        hash = step(hash, text.charAt(i));
      }
    }
    for (float value : vector) {
      hash = step(hash, Float.floatToIntBits(value));
    }
    return step(hash, vector.length);
  }

  /** One to one in {@code hash}, so that what was mixed in before is not lost. */
  private static long step(long hash, long value) {
    long mixed = (hash ^ value) * FACTOR;
    return mixed ^ (mixed >>> 32);
  }
}
