package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.spark.TestSpark;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host's copies of all pieces of a build. */
class PieceCopiesTest {

  private static final int PIECES = 6;

  @TempDir Path directory;
  private Configuration conf;

  @BeforeEach
  void useACacheOfItsOwn() {
    conf = MeetingFileSystem.register(FaultyFileSystem.register(new Configuration()));
    conf.set(AnnoyConf.CACHE_DIR, directory.resolve("cache").toString());
  }

  /** Pieces of a few bytes, each its number. */
  private List<StagedFile> pieces(String scheme) throws IOException {
    List<StagedFile> pieces = new ArrayList<>();
    for (int i = 0; i < PIECES; i++) {
      byte[] bytes = {(byte) i, 1, 2, 3};
      Path file = Files.write(directory.resolve("items-" + i), bytes);
      ChunkChecksums checksums = new ChunkChecksums(4096);
      checksums.update(bytes, 0, bytes.length);
      pieces.add(new StagedFile(scheme + ":" + file, bytes.length, 4096, checksums.finish()));
    }
    return pieces;
  }

  private List<String> cached() throws IOException {
    return TestSpark.names(
        directory.resolve("cache/annoy-spark-cache-" + System.getProperty("user.name")));
  }

  @Test
  void severalAreFetchedAtOnce() throws IOException {
    List<StagedFile> pieces = pieces("meeting");
    try (PieceCopies copies = PieceCopies.fetch(pieces, conf)) {
      for (int i = 0; i < PIECES; i++) {
        assertArrayEquals(
            new byte[] {(byte) i, 1, 2, 3}, Files.readAllBytes(copies.paths().get(i)));
      }
      PieceCopies.remove(pieces, conf);
      assertEquals(PIECES + 1, cached().size(), "removed though leased");
    }
    PieceCopies.remove(pieces, conf);
    assertEquals(List.of("locks"), cached());
  }

  @Test
  void localPiecesAreUsedWhereTheyAre() throws IOException {
    List<StagedFile> pieces = pieces("file");
    try (PieceCopies copies = PieceCopies.fetch(pieces, conf)) {
      assertEquals(directory.resolve("items-5"), copies.paths().get(5));
    }
    PieceCopies.remove(pieces, conf);
    assertTrue(Files.exists(directory.resolve("items-5")));
    assertEquals(List.of(), cached());
  }

  @Test
  void ofADamagedBuildNoLeaseIsKept() throws IOException {
    List<StagedFile> pieces = pieces("faulty");
    Files.write(directory.resolve("items-3"), new byte[4]);
    var e = assertThrows(CorruptIndexException.class, () -> PieceCopies.fetch(pieces, conf));
    assertTrue(e.getMessage().contains("items-3: CRC32C of bytes 0 to 4"), e.getMessage());
    // What had begun goes on for a while.
    long end = System.nanoTime() + 20_000_000_000L;
    do {
      PieceCopies.remove(pieces, conf);
    } while (cached().size() > 1 && System.nanoTime() < end);
    assertEquals(List.of("locks"), cached());
  }

  @Test
  void roomIsMadeForAllTogether() throws IOException {
    List<StagedFile> pieces = new ArrayList<>(pieces("faulty"));
    for (int i = 0; i < PIECES; i++) {
      StagedFile piece = pieces.get(i);
      pieces.set(i, new StagedFile(piece.path(), 1L << 60, 4096, piece.crc32c()));
    }
    var e = assertThrows(FileSystemException.class, () -> PieceCopies.fetch(pieces, conf));
    String expected = "expected room for " + (PIECES * (1L << 60)) + " bytes, found ";
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }
}
