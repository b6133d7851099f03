package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.CorruptIndexException;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A piece gives out what was written, or nothing. */
class StagedFileTest {

  private static final int CHUNK_BYTES = 16;

  @TempDir Path directory;
  private Path file;
  private byte[] bytes;
  private StagedFile piece;

  @BeforeEach
  void write() throws IOException {
    bytes = new byte[3 * CHUNK_BYTES + 5];
    new Random(1).nextBytes(bytes);
    file = Files.write(directory.resolve("tree-00001-0"), bytes);
    ChunkChecksums checksums = new ChunkChecksums(CHUNK_BYTES);
    checksums.update(bytes, 0, bytes.length);
    piece = new StagedFile(file.toUri().toString(), bytes.length, CHUNK_BYTES, checksums.finish());
  }

  private InputStream open(int fromByte) throws IOException {
    return piece.open(fromByte, new Configuration());
  }

  @Test
  void readsFromAnywhere() throws IOException {
    for (int from = 0; from <= bytes.length; from++) {
      try (InputStream in = open(from)) {
        assertArrayEquals(Arrays.copyOfRange(bytes, from, bytes.length), in.readAllBytes());
      }
    }
  }

  @Test
  void noByteOfADamagedChunkIsGivenOut() throws IOException {
    byte[] damaged = bytes.clone();
    damaged[2 * CHUNK_BYTES - 1] ^= 1;
    Files.write(file, damaged);
    try (InputStream in = open(CHUNK_BYTES - 3)) {
      assertEquals(3, in.readNBytes(3).length);
      var e = assertThrows(CorruptIndexException.class, in::read);
      String message = e.getMessage();
      assertEquals(
          file + ": CRC32C of bytes 16 to 32", message.substring(5, message.indexOf(": expected")));
    }
    assertThrows(CorruptIndexException.class, () -> open(CHUNK_BYTES));
    try (InputStream in = open(2 * CHUNK_BYTES)) {
      assertEquals(CHUNK_BYTES + 5, in.readAllBytes().length);
    }
  }

  @Test
  void aReceiptCutShortIsNone() throws IOException {
    Configuration conf = new Configuration();
    piece.writeReceipt(conf);
    Path receipt = Path.of(file + StagedFile.RECEIPT_SUFFIX);
    byte[] whole = Files.readAllBytes(receipt);
    String uri = receipt.toUri().toString();
    assertEquals(Optional.of(piece), StagedFile.find(uri, conf));
    for (int length = 0; length < whole.length; length++) {
      Files.write(receipt, Arrays.copyOf(whole, length));
      assertEquals(Optional.empty(), StagedFile.find(uri, conf), "cut at " + length);
    }
  }

  @Test
  void aPieceCutShortIsNamed() throws IOException {
    Files.write(file, Arrays.copyOf(bytes, 2 * CHUNK_BYTES + 1));
    try (InputStream in = open(0)) {
      in.readNBytes(2 * CHUNK_BYTES);
      assertEquals(
          "file:" + file + ": length in bytes: expected 53, found 33; the file is truncated",
          assertThrows(CorruptIndexException.class, in::read).getMessage().replace("///", "/"));
    }
  }
}
