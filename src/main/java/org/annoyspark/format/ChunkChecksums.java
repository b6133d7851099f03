package org.annoyspark.format;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** CRC32C of each fixed-size chunk of a stream, so that a reader can check a file as it comes. */
public final class ChunkChecksums {

  /** Small enough to tell where a file is damaged, large enough to keep the metadata short. */
  public static final int DEFAULT_CHUNK_BYTES = 8 << 20;

  private final int chunkBytes;
  private final CRC32C crc = new CRC32C();
  private final List<String> finished = new ArrayList<>();
  private int inChunk;

  public ChunkChecksums(int chunkBytes) {
    this.chunkBytes = chunkBytes;
  }

  /** Adds the next bytes of the stream. */
  public void update(byte[] bytes, int offset, int length) {
    int from = offset;
    int left = length;
    while (left > 0) {
      int step = Math.min(left, chunkBytes - inChunk);
      crc.update(bytes, from, step);
      from += step;
      left -= step;
      inChunk += step;
      if (inChunk == chunkBytes) {
        finishChunk();
      }
    }
  }

  /** The checksums so far, the last chunk's included, each as 8 hexadecimal digits. */
  public List<String> finish() {
    if (inChunk > 0) {
      finishChunk();
    }
    return List.copyOf(finished);
  }

  private void finishChunk() {
    finished.add(String.format("%08x", crc.getValue()));
    crc.reset();
    inChunk = 0;
  }

  /**
   * Reads a stream to its end against what the metadata says of it.
   *
   * @param name what errors call the stream
   * @throws CorruptIndexException if the length or a chunk's checksum is another
   */
  public static void verify(String name, InputStream in, IndexMetadata.IndexFile expected)
      throws IOException {
    ChunkChecksums found = new ChunkChecksums(expected.checksumChunkBytes());
    byte[] buffer = new byte[1 << 16];
    long lengthBytes = 0;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      found.update(buffer, 0, read);
      lengthBytes += read;
    }
    expected.check(name, lengthBytes, found.finish());
  }
}
