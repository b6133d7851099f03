package org.annoyspark.storage;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/** Writes an {@link IdTableFile}: numbers and strings side by side, the header in the end. */
final class IdTableWriter implements IdParquet.Sink, Closeable {

  private static final int BUFFER_BYTES = 1 << 16;

  private final int items;
  private final Section numbers;
  private final Section texts;
  private long textBytes;

  /** A part of the file, summed up as it is written. */
  private static final class Section implements Closeable {
    private final FileChannel channel;
    private final CRC32C crc = new CRC32C();
    private final DataOutputStream out;

    Section(Path file, long fromByte) throws IOException {
      this.channel = FileChannel.open(file, StandardOpenOption.WRITE).position(fromByte);
      this.out =
          new DataOutputStream(
              new BufferedOutputStream(
                  new CheckedOutputStream(Channels.newOutputStream(channel), crc), BUFFER_BYTES));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /**
   * @param file that is there, and empty
   */
  IdTableWriter(Path file, int items) throws IOException {
    this.items = items;
    this.numbers = new Section(file, IdTableFile.numberOffsetBytes(0));
    this.texts = new Section(file, IdTableFile.textOffsetBytes(items));
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
    while (header.hasRemaining()) {
      numbers.channel.write(header, header.position());
    }
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
    try (numbers) {
      texts.close();
    }
  }
}
