package org.annoyspark.storage;

import java.io.IOException;
import java.io.InputStream;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Reads a file whose checksums are known: no byte of a chunk is given out before all of the chunk
 * has been checked. Holds one chunk.
 */
final class CheckedInputStream extends InputStream {

  private final Path file;
  private final IndexFile expected;
  private final FSDataInputStream in;
  private final byte[] chunk;
  private int from;
  private int to;

  /** Where the next chunk starts in the file. */
  private long nextByte;

  CheckedInputStream(Path file, FileSystem fs, IndexFile expected, long fromByte)
      throws IOException {
    this.file = file;
    this.expected = expected;
    this.chunk = new byte[(int) Math.min(expected.checksumChunkBytes(), expected.lengthBytes())];
    int skipped = (int) (fromByte % expected.checksumChunkBytes());
    this.nextByte = fromByte - skipped;
    this.in = fs.open(file);
    try {
      in.seek(nextByte);
      fill();
      from = Math.min(skipped, to);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private void fill() throws IOException {
    int wanted = (int) Math.min(chunk.length, expected.lengthBytes() - nextByte);
    int read = in.readNBytes(chunk, 0, wanted);
    if (read < wanted) {
      expected.checkLength(file.toString(), nextByte + read);
    }
    ChunkChecksums found = new ChunkChecksums(expected.checksumChunkBytes());
    found.update(chunk, 0, read);
    expected.checkChunks(file.toString(), nextByte, found.finish());
    nextByte += read;
    from = 0;
    to = read;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (from == to) {
      fill();
    }
    if (from == to) {
      return -1;
    }
    int count = Math.min(length, to - from);
    System.arraycopy(chunk, from, target, offset, count);
    from += count;
    return count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
