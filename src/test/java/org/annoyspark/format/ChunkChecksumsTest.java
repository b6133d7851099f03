package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkChecksumsTest {

  private static final int CHUNK_BYTES = 100;

  private static byte[] content(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static List<String> checksums(byte[] bytes, int chunkBytes) {
    ChunkChecksums checksums = new ChunkChecksums(chunkBytes);
    checksums.update(bytes, 0, bytes.length);
    return checksums.finish();
  }

  private static IndexMetadata.IndexFile described(byte[] bytes) {
    return new IndexMetadata.IndexFile(
        "index.ann", bytes.length, CHUNK_BYTES, checksums(bytes, CHUNK_BYTES));
  }

  private static String messageFor(IndexMetadata.IndexFile expected, byte[] found) {
    return assertThrows(
            CorruptIndexException.class,
            () -> ChunkChecksums.verify("here", new ByteArrayInputStream(found), expected))
        .getMessage();
  }

  /** The check value that catalogues of checksums give for CRC-32C. */
  @Test
  void itIsCrc32c() {
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertEquals(List.of("e3069283"), checksums(digits, 9));
    byte[] twice = "123456789123456789".getBytes(StandardCharsets.US_ASCII);
    assertEquals(List.of("e3069283", "e3069283"), checksums(twice, 9));
    assertEquals(List.of(), checksums(new byte[0], 9));
  }

  @Test
  void howTheStreamIsCutDoesNotShow() {
    byte[] bytes = content(1234);
    List<String> expected = checksums(bytes, CHUNK_BYTES);
    assertEquals(13, expected.size());
    Random random = new Random(4);
    for (int round = 0; round < 50; round++) {
      ChunkChecksums checksums = new ChunkChecksums(CHUNK_BYTES);
      int step;
      for (int at = 0; at < bytes.length; at += step) {
        step = Math.min(random.nextInt(round * 6 + 2), bytes.length - at);
        checksums.update(bytes, at, step);
      }
      assertEquals(expected, checksums.finish());
    }
  }

  @Test
  void anEqualFileIsAccepted() throws IOException {
    for (int length : new int[] {1, 99, 100, 101, 200, 1234}) {
      byte[] bytes = content(length);
      ChunkChecksums.verify("here", new ByteArrayInputStream(bytes), described(bytes));
    }
  }

  @Test
  void aFlippedBitIsFoundAndPlaced() {
    byte[] bytes = content(250);
    IndexMetadata.IndexFile expected = described(bytes);
    for (int at = 0; at < bytes.length; at++) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= (byte) (1 << (at % 8));
      int chunk = at / CHUNK_BYTES;
      assertEquals(
          String.format(
              "here: CRC32C of bytes %d to %d: expected %s, found %s; the file is damaged",
              chunk * 100,
              Math.min(chunk * 100 + 100, 250),
              expected.crc32c().get(chunk),
              checksums(damaged, CHUNK_BYTES).get(chunk)),
          messageFor(expected, damaged));
    }
  }

  @Test
  void anotherLengthIsFound() {
    IndexMetadata.IndexFile expected = described(content(250));
    assertEquals(
        "here: length in bytes: expected 250, found 249; the file is truncated",
        messageFor(expected, Arrays.copyOf(content(250), 249)));
    assertEquals(
        "here: length in bytes: expected 250, found 251",
        messageFor(expected, Arrays.copyOf(content(250), 251)));
    assertEquals(
        "here: length in bytes: expected 250, found 0; the file is truncated",
        messageFor(expected, new byte[0]));
  }
}
