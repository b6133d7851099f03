package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ItemOrderTest {

  private static final int[] ITEMS = IntStream.range(0, 50_000).map(i -> 1_000_003 * i).toArray();

  private static byte[] bytes() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ItemOrder.write(ITEMS, 0, 20_000, out);
    ItemOrder.write(ITEMS, 20_000, 20_000, out);
    ItemOrder.write(ITEMS, 20_000, ITEMS.length, out);
    return out.toByteArray();
  }

  private static int[] read(int from, int count, byte[] bytes) throws IOException {
    int offset = (int) ItemOrder.byteOffset(from);
    return ItemOrder.read(
        "order", new ByteArrayInputStream(bytes, offset, bytes.length - offset), count);
  }

  @Test
  void anyRangeCanBeRead() throws IOException {
    byte[] bytes = bytes();
    assertEquals(200_000, bytes.length);
    for (int from : new int[] {0, 1, 16_383, 16_384, 30_000, 50_000}) {
      for (int to : new int[] {from, from + 1, from + 16_384, ITEMS.length}) {
        if (to <= ITEMS.length) {
          assertArrayEquals(Arrays.copyOfRange(ITEMS, from, to), read(from, to - from, bytes));
        }
      }
    }
  }

  @Test
  void anEarlyEndIsAnError() throws IOException {
    byte[] bytes = Arrays.copyOf(bytes(), 100_001);
    assertEquals(
        "order: expected 40000 items, found 25000",
        assertThrows(EOFException.class, () -> read(0, 40_000, bytes)).getMessage());
  }
}
