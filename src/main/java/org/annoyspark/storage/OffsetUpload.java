package org.annoyspark.storage;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.annoyspark.format.MergePlan;
import org.apache.hadoop.conf.Configuration;

/** A local file: parts are written at their offsets of a temporary file, which is then renamed. */
record OffsetUpload(String temporary, String target) implements PartUpload {

  private static final int BUFFER_BYTES = 1 << 20;

  static OffsetUpload begin(
      org.apache.hadoop.fs.Path target,
      org.apache.hadoop.fs.Path staging,
      long lengthBytes,
      Configuration conf)
      throws IOException {
    Path temporary = local(new org.apache.hadoop.fs.Path(staging, target.getName()), conf);
    Files.createDirectories(temporary.getParent());
    try (RandomAccessFile file = new RandomAccessFile(temporary.toFile(), "rw")) {
      file.setLength(lengthBytes);
    }
    return new OffsetUpload(temporary.toString(), local(target, conf).toString());
  }

  private static Path local(org.apache.hadoop.fs.Path path, Configuration conf) throws IOException {
    return org.apache.hadoop.fs.FileSystem.getLocal(conf).pathToFile(path).toPath();
  }

  @Override
  public String description() {
    return "parts at their offsets";
  }

  @Override
  public boolean isParallel() {
    return true;
  }

  @Override
  public PartReceipt put(MergePlan.Part part, InputStream bytes, String attempt, Configuration conf)
      throws IOException {
    // Not CREATE: an attempt that outlives the build must not leave a file of its own.
    try (FileChannel channel = FileChannel.open(Path.of(temporary), StandardOpenOption.WRITE)) {
      long end = transfer(bytes, channel, part.fromByte());
      if (end != part.toByte()) {
        throw new EOFException(
            temporary
                + ": part "
                + part.number()
                + ": expected to end at byte "
                + part.toByte()
                + ", ended at "
                + end);
      }
    }
    return new PartReceipt(part.number(), new byte[0]);
  }

  private long transfer(InputStream bytes, FileChannel channel, long fromByte) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long at = fromByte;
    for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
      ByteBuffer written = ByteBuffer.wrap(buffer, 0, read);
      try {
        while (written.hasRemaining()) {
          at += channel.write(written, at);
        }
      } catch (IOException e) {
        // A full disk does not tell its name.
        throw new IOException(temporary + ": cannot be written: " + e.getMessage(), e);
      }
    }
    return at;
  }

  @Override
  public void complete(List<PartReceipt> receipts, Configuration conf) throws IOException {
    Files.move(Path.of(temporary), Path.of(target), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void abort(Configuration conf) throws IOException {
    Files.deleteIfExists(Path.of(temporary));
  }
}
