package org.annoyspark.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A memory-mapped file of any length, shared with every process of the host through the page cache.
 * Numbers are big-endian. The garbage collector unmaps it once it is no longer reachable; nothing
 * else does, for a reader may still be in it. Immutable and safe for many threads.
 */
public final class MappedBytes {

  /** Java maps less than 2 GiB at once. */
  static final int MOST_CHUNK_SHIFT = 30;

  private final ByteBuffer[] chunks;
  private final int chunkShift;

  private MappedBytes(ByteBuffer[] chunks, int chunkShift) {
    this.chunks = chunks;
    this.chunkShift = chunkShift;
  }

  /** Maps all of a file. */
  public static MappedBytes open(Path file) throws IOException {
    return open(file, MOST_CHUNK_SHIFT);
  }

  /**
   * @param chunkShift 3 or more: no long may straddle two chunks
   */
  static MappedBytes open(Path file, int chunkShift) throws IOException {
    return new MappedBytes(map(file, Files.size(file), 1L << chunkShift), chunkShift);
  }

  /** Maps a file in chunks of one size, but for the last. */
  static ByteBuffer[] map(Path file, long lengthBytes, long chunkBytes) throws IOException {
    ByteBuffer[] chunks = new ByteBuffer[(int) ((lengthBytes - 1) / chunkBytes + 1)];
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int i = 0; i < chunks.length; i++) {
        long from = i * chunkBytes;
        chunks[i] = channel.map(MapMode.READ_ONLY, from, Math.min(chunkBytes, lengthBytes - from));
      }
    }
    return chunks;
  }

  /**
   * @param position a multiple of 8
   */
  public long readLong(long position) {
    return chunks[chunk(position)].getLong(inChunk(position));
  }

  /** Reads as many bytes as the target has. */
  public void read(long position, byte[] target) {
    for (int done = 0; done < target.length; ) {
      int at = inChunk(position + done);
      ByteBuffer chunk = chunks[chunk(position + done)];
      int count = Math.min(target.length - done, (1 << chunkShift) - at);
      chunk.get(at, target, done, count);
      done += count;
    }
  }

  /** Compares the bytes of a range with others, as unsigned numbers from the first on. */
  public int compare(long from, long to, byte[] other) {
    int common = (int) Math.min(to - from, other.length);
    for (int i = 0; i < common; i++) {
      long position = from + i;
      int order = Byte.compareUnsigned(chunks[chunk(position)].get(inChunk(position)), other[i]);
      if (order != 0) {
        return order;
      }
    }
    return Long.compare(to - from, other.length);
  }

  private int chunk(long position) {
    return (int) (position >> chunkShift);
  }

  private int inChunk(long position) {
    return (int) position & ((1 << chunkShift) - 1);
  }
}
