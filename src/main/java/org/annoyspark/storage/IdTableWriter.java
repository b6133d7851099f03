package org.annoyspark.storage;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/** Writes an {@link IdTableFile}: numbers and strings side by side, the header in the end. */
final class IdTableWriter implements IdParquet.Sink, Closeable {

  private static final int BUFFER_BYTES = 1 << 16;

  private final int items;
  private final CachePart part;
  private final Section numbers;
  private final Section texts;
  private long textBytes;

  /** A part of the file, summed up as it is written. */
  private static final class Section {
    private final CRC32C crc = new CRC32C();
    private final DataOutputStream out;

    Section(OutputStream target) {
      this.out =
          new DataOutputStream(
              new BufferedOutputStream(new CheckedOutputStream(target, crc), BUFFER_BYTES));
    }
  }

  /**
   * @param file that is there, and empty
   */
  IdTableWriter(Path file, int items) throws IOException {
    this.items = items;
    this.part = new CachePart(file);
    this.numbers = new Section(part.from(IdTableFile.numberOffsetBytes(0)));
    this.texts = new Section(part.from(IdTableFile.textOffsetBytes(items)));
  }

  @Override
  public void number(long id) throws IOException {
    numbers.out.writeLong(id);
  }

  @Override
  public void text(byte[] id) throws IOException {
    texts.out.write(id);
    textBytes += id.length;
    numbers.out.writeLong(textBytes);
  }

  /** Completes the file. */
  void finish() throws IOException {
    numbers.out.flush();
    texts.out.flush();
    ByteBuffer header =
        ByteBuffer.allocate((int) IdTableFile.numberOffsetBytes(0))
            .putLong(IdTableFile.MAGIC)
            .putLong(items)
            .putLong(textBytes)
            .putInt((int) numbers.crc.getValue())
            .putInt((int) texts.crc.getValue())
            .flip();
    part.write(header, 0);
  }

  /** The CRC32C of the next bytes of a stream. */
  static int sumUp(InputStream in, long lengthBytes) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (long left = lengthBytes; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new EOFException("expected " + left + " bytes more");
      }
      crc.update(buffer, 0, read);
      left -= read;
    }
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    part.close();
  }
}
