package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the size of the chunks, a file reads as the array of its bytes. */
class MappedBytesTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 6, 20})
  void readsAcrossChunks(int chunkShift) throws IOException {
    byte[] bytes = new byte[100];
    new Random(1).nextBytes(bytes);
    MappedBytes mapped = open(bytes, chunkShift);
    for (int at = 0; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
      assertEquals(ByteBuffer.wrap(bytes).getLong(at), mapped.readLong(at));
    }
    for (int from = 0; from < bytes.length; from++) {
      for (int to = from; to <= bytes.length; to++) {
        byte[] read = new byte[to - from];
        mapped.read(from, read);
        assertArrayEquals(Arrays.copyOfRange(bytes, from, to), read);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 20})
  void comparesAsUnsignedBytes(int chunkShift) throws IOException {
    byte[] text = "a common prefix \u00e9".getBytes(StandardCharsets.UTF_8);
    MappedBytes mapped = open(text, chunkShift);
    for (String other : new String[] {"", "a", "a common prefix ", "a common prefix \u007f", "b"}) {
      byte[] bytes = other.getBytes(StandardCharsets.UTF_8);
      assertEquals(
          Integer.signum(Arrays.compareUnsigned(text, bytes)),
          Integer.signum(mapped.compare(0, text.length, bytes)),
          other);
    }
    assertEquals(0, mapped.compare(2, text.length, Arrays.copyOfRange(text, 2, text.length)));
    byte[] longer = Arrays.copyOf(text, text.length + 1);
    assertEquals(-1, mapped.compare(0, text.length, longer));
  }

  /** Beyond what one buffer can hold; the file has a hole, so it takes no room. */
  @Test
  void moreThanTwoGibibytes() throws IOException {
    Path file = directory.resolve("large");
    long last = (5L << 30) - Long.BYTES;
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(Long.BYTES).putLong(0, 42), last);
    }
    MappedBytes mapped = MappedBytes.open(file);
    assertEquals(42, mapped.readLong(last));
    assertEquals(0, mapped.readLong(last - Long.BYTES));
    assertEquals(0, mapped.compare(last + Long.BYTES - 1, last + Long.BYTES, new byte[] {42}));
  }

  private MappedBytes open(byte[] bytes, int chunkShift) throws IOException {
    return MappedBytes.open(Files.write(directory.resolve("bytes"), bytes), chunkShift);
  }
}
