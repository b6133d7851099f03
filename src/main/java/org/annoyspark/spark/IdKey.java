package org.annoyspark.spark;

import java.nio.ByteBuffer;

/**
 * Ids as bytes whose order, compared one by one and without sign, is that of the ids: numbers with
 * their highest byte first and the sign turned around, strings in UTF-8, which is Spark's own order
 * of strings.
 */
final class IdKey {

  private IdKey() {}

  static byte[] of(int id) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(id ^ Integer.MIN_VALUE).array();
  }

  static byte[] of(long id) {
    return ByteBuffer.allocate(Long.BYTES).putLong(id ^ Long.MIN_VALUE).array();
  }

  /** The int that a key was made of. */
  static int toInt(byte[] key) {
    return ByteBuffer.wrap(key).getInt() ^ Integer.MIN_VALUE;
  }
}
