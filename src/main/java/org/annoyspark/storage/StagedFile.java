package org.annoyspark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A piece of a running build, as the task that wrote it reports it. Its name is of one attempt
 * only, so retries and speculation cannot get in each other's way: the driver goes by the reports.
 * A receipt beside the piece says the same to a build that goes on where this one was killed.
 *
 * @param path qualified
 * @param crc32c as in {@link IndexFile}
 */
public record StagedFile(String path, long lengthBytes, int checksumChunkBytes, List<String> crc32c)
    implements Serializable {

  private static final Logger LOG = System.getLogger(StagedFile.class.getName());

  static final String RECEIPT_SUFFIX = ".done";

  public Path toPath() {
    return new Path(path);
  }

  /**
   * Its bytes from {@code fromByte} on; each is checked before it is given out.
   *
   * @throws CorruptIndexException when a chunk is read that is not what was written
   */
  public InputStream open(long fromByte, Configuration conf) throws IOException {
    return new CheckedInputStream(toPath(), toPath().getFileSystem(conf), expected(), fromByte);
  }

  IndexFile expected() {
    return new IndexFile(toPath().getName(), lengthBytes, checksumChunkBytes, crc32c);
  }

  public void writeReceipt(Configuration conf) throws IOException {
    Path receipt = new Path(path + RECEIPT_SUFFIX);
    String words = lengthBytes + " " + checksumChunkBytes + " " + String.join(" ", crc32c);
    SmallFile.write(IndexDirectory.fileSystem(receipt, conf), receipt, words);
  }

  /**
   * The piece that a receipt is of, if it is all there and undamaged; reads it once. A receipt cut
   * short, or a piece that is not what it was or cannot be read, is made again: it costs no more.
   */
  public static Optional<StagedFile> find(String receipt, Configuration conf) {
    try {
      return Optional.of(read(receipt, conf));
    } catch (IOException
        | CorruptIndexException
        | NumberFormatException
        | IndexOutOfBoundsException e) {
      LOG.log(Level.WARNING, "{0}: the piece is not used: {1}", receipt, e);
      return Optional.empty();
    }
  }

  private static StagedFile read(String receipt, Configuration conf) throws IOException {
    Path receiptPath = new Path(receipt);
    FileSystem fs = receiptPath.getFileSystem(conf);
    String path = receipt.substring(0, receipt.length() - RECEIPT_SUFFIX.length());
    try (InputStream in = fs.open(receiptPath)) {
      String[] words = new String(in.readAllBytes(), StandardCharsets.UTF_8).split(" ");
      StagedFile piece =
          new StagedFile(
              path,
              Long.parseLong(words[0]),
              Integer.parseInt(words[1]),
              List.copyOf(Arrays.asList(words).subList(2, words.length)));
      try (InputStream bytes = fs.open(piece.toPath())) {
        ChunkChecksums.verify(path, bytes, piece.expected());
      }
      return piece;
    }
  }
}
