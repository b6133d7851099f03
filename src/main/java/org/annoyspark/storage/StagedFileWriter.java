package org.annoyspark.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.annoyspark.format.ChunkChecksums;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;

/** Writes a piece of a running build and sums it up on the way. */
public final class StagedFileWriter extends OutputStream {

  private static final int BUFFER_BYTES = 1 << 18;

  /** Whoever reads a part of a piece has to read, and hold, whole chunks. */
  public static final int CHUNK_BYTES = 1 << 20;

  private final Path path;
  private final Configuration conf;
  private final OutputStream out;
  private final ChunkChecksums checksums = new ChunkChecksums(CHUNK_BYTES);
  private long lengthBytes;

  /**
   * @param name of this attempt alone
   */
  public StagedFileWriter(Path directory, String name, Configuration conf) throws IOException {
    this.path = new Path(directory, name);
    this.conf = conf;
    this.out =
        new BufferedOutputStream(
            // Not with its directory: a late attempt must not bring back a build's that has ended.
            IndexDirectory.fileSystem(path, conf).createFile(path).overwrite(true).build(),
            BUFFER_BYTES);
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException | FSError e) {
      throw SmallFile.failed(path, e);
    }
    checksums.update(bytes, offset, length);
    lengthBytes += length;
  }

  @Override
  public void close() throws IOException {
    try {
      out.close();
    } catch (IOException | FSError e) {
      throw SmallFile.failed(path, e);
    }
  }

  /**
   * What was written; call once, after {@link #close}.
   *
   * @throws IOException if the build has ended; the piece is removed
   */
  public StagedFile report() throws IOException {
    Staging.checkStands(path.getParent(), conf);
    return piece();
  }

  /** The same, with a receipt beside it: a later build may go on from there. */
  public StagedFile reportWithReceipt() throws IOException {
    StagedFile piece = piece();
    piece.writeReceipt(conf);
    // Only now: a receipt can come too late as well.
    Staging.checkStands(path.getParent(), conf);
    return piece;
  }

  private StagedFile piece() {
    return new StagedFile(path.toString(), lengthBytes, CHUNK_BYTES, checksums.finish());
  }
}
