package org.annoyspark.spark;

/** A number that stands for the content of a row, to tell whether two inputs are the same. */
final class RowHash {

  private static final long FACTOR = 0x9e3779b97f4a7c15L;

  private RowHash() {}

  /**
   * @param id as an {@link IdKey}, or null
   */
  static long of(byte[] id, float[] vector) {
    long hash = id == null ? 0 : of(id);
    for (float value : vector) {
      hash = step(hash, Float.floatToIntBits(value));
    }
    return step(hash, vector.length);
  }

  /**
   * @param id as an {@link IdKey}
   */
  static long of(byte[] id) {
    long hash = step(0, id.length);
    for (byte part : id) {
      hash = step(hash, part);
    }
    return hash;
  }

  /** One to one in {@code hash}, so that what was mixed in before is not lost. */
  private static long step(long hash, long value) {
    long mixed = (hash ^ value) * FACTOR;
    return mixed ^ (mixed >>> 32);
  }
}
