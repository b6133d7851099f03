package org.annoyspark.storage;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file on its way to be a copy, written at any place. */
final class CachePart implements Closeable {

  private final Path file;
  private final FileChannel channel;

  /**
   * @param file that is there, and empty
   */
  CachePart(Path file) throws IOException {
    this.file = file;
    this.channel = FileChannel.open(file, StandardOpenOption.WRITE);
  }

  /**
   * Writes all of the bytes.
   *
   * @throws FileSystemException naming the file and the setting, if the disk is full, say
   */
  void write(ByteBuffer bytes, long position) throws IOException {
    long at = position;
    try {
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (ClosedChannelException e) {
      // Interrupted.
      throw e;
    } catch (IOException e) {
      throw unwritable(at, e);
    }
  }

  private FileSystemException unwritable(long position, IOException cause) {
    FileSystemException e =
        new FileSystemException(
            file.toString(),
            null,
            "the cache of this host: cannot write at byte "
                + position
                + ": "
                + cause.getMessage()
                + "; "
                + AnnoyConf.CACHE_DIR
                + " names another place");
    e.initCause(cause);
    return e;
  }

  /** Writes one after another from a position on; the part is not closed with the stream. */
  OutputStream from(long fromByte) {
    return new OutputStream() {
      private long at = fromByte;

      @Override
      public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        CachePart.this.write(ByteBuffer.wrap(bytes, offset, length), at);
        at += length;
      }
    };
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
