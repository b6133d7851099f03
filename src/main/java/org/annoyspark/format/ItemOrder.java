package org.annoyspark.format;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Item numbers as they are staged: little-endian int32, one after another. */
public final class ItemOrder {

  private static final int BUFFER_ITEMS = 1 << 14;

  private ItemOrder() {}

  /** Where an entry starts. */
  public static long byteOffset(long position) {
    return position * Integer.BYTES;
  }

  /** Writes {@code items[from .. to - 1]}. */
  public static void write(int[] items, int from, int to, OutputStream out) throws IOException {
    ByteBuffer buffer = buffer(to - from);
    for (int at = from; at < to; ) {
      int count = Math.min(BUFFER_ITEMS, to - at);
      buffer.asIntBuffer().put(items, at, count);
      out.write(buffer.array(), 0, count * Integer.BYTES);
      at += count;
    }
  }

  /**
   * Reads the next {@code count}.
   *
   * @param name what errors call the stream
   * @throws EOFException if there are fewer
   */
  public static int[] read(String name, InputStream in, int count) throws IOException {
    int[] items = new int[count];
    ByteBuffer buffer = buffer(count);
    for (int at = 0; at < count; ) {
      int wanted = Math.min(BUFFER_ITEMS, count - at);
      int read = in.readNBytes(buffer.array(), 0, wanted * Integer.BYTES);
      if (read != wanted * Integer.BYTES) {
        throw new EOFException(
            name + ": expected " + count + " items, found " + (at + read / Integer.BYTES));
      }
      buffer.asIntBuffer().get(items, at, wanted);
      at += wanted;
    }
    return items;
  }

  private static ByteBuffer buffer(int items) {
    return ByteBuffer.allocate(Math.min(BUFFER_ITEMS, items) * Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
