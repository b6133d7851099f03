package org.annoyspark.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Copies a remote file by ranges, several at once, and checks each chunk as it comes. */
final class RangedDownload {

  /** Large enough for the start of a request not to count. */
  private static final int LEAST_RANGE_BYTES = 32 << 20;

  private static final int BUFFER_BYTES = 1 << 20;

  private final FileSystem fs;
  private final Path file;
  private final IndexFile expected;
  private final CachePart part;

  private RangedDownload(FileSystem fs, Path file, IndexFile expected, CachePart part) {
    this.fs = fs;
    this.file = file;
    this.expected = expected;
    this.part = part;
  }

  /**
   * @param target an empty file
   * @throws org.annoyspark.format.CorruptIndexException if the file is not what is expected
   */
  static void run(Path file, FileSystem fs, IndexFile expected, java.nio.file.Path target)
      throws IOException {
    expected.checkLength(file.toString(), fs.getFileStatus(file).getLen());
    try (CachePart part = new CachePart(target)) {
      List<Callable<Void>> ranges = new RangedDownload(fs, file, expected, part).ranges();
      if (!ranges.isEmpty()) {
        ParallelCalls.run(ranges, file.toString());
      }
    }
  }

  /** Whole chunks each. */
  private List<Callable<Void>> ranges() {
    long chunkBytes = expected.checksumChunkBytes();
    long rangeBytes = ((LEAST_RANGE_BYTES - 1) / chunkBytes + 1) * chunkBytes;
    List<Callable<Void>> ranges = new ArrayList<>();
    for (long from = 0; from < expected.lengthBytes(); from += rangeBytes) {
      long fromByte = from;
      long toByte = Math.min(from + rangeBytes, expected.lengthBytes());
      ranges.add(
          () -> {
            copy(fromByte, toByte);
            return null;
          });
    }
    return ranges;
  }

  private void copy(long fromByte, long toByte) throws IOException {
    ChunkChecksums checksums = new ChunkChecksums(expected.checksumChunkBytes());
    byte[] buffer = new byte[(int) Math.min(BUFFER_BYTES, toByte - fromByte)];
    try (FSDataInputStream in = fs.open(file)) {
      in.seek(fromByte);
      for (long at = fromByte; at < toByte; ) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, toByte - at));
        if (read < 0) {
          throw new EOFException(
              file + ": expected " + expected.lengthBytes() + " bytes, found " + at);
        }
        checksums.update(buffer, 0, read);
        part.write(ByteBuffer.wrap(buffer, 0, read), at);
        at += read;
      }
    }
    if (expected.hasChecksums()) {
      expected.checkChunks(file.toString(), fromByte, checksums.finish());
    }
  }
}
