package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk of the cache fills up while a file is written, as /dev/full is from the start. */
class FullDiskTest {

  private static final Path FULL = Path.of("/dev/full");

  @TempDir Path directory;

  @Test
  void aCopyThatDoesNotFitNamesItselfAndTheSetting() throws IOException {
    Path remote = Files.write(directory.resolve("index.ann"), new byte[10]);
    var file = new org.apache.hadoop.fs.Path("faulty:" + remote);
    var fs = file.getFileSystem(FaultyFileSystem.register(new Configuration()));
    IndexFile expected =
        new IndexFile("index.ann", 10, ChunkChecksums.DEFAULT_CHUNK_BYTES, List.of());
    var e =
        assertThrows(FileSystemException.class, () -> RangedDownload.run(file, fs, expected, FULL));
    assertNoSpace(0, e);
  }

  @Test
  void soDoesATableOfIds() throws IOException {
    try (IdTableWriter writer = new IdTableWriter(FULL, 1)) {
      writer.text(new byte[] {'a'});
      assertNoSpace(32, assertThrows(FileSystemException.class, writer::finish));
    }
  }

  /** Hadoop's Error would not even say which file. */
  @Test
  void soDoesASmallFile() throws IOException {
    var full = new org.apache.hadoop.fs.Path("file:" + FULL);
    var fs = new RawLocalFileSystem();
    fs.initialize(full.toUri(), new Configuration());
    var e = assertThrows(IOException.class, () -> SmallFile.write(fs, full, "text"));
    assertEquals("file:/dev/full: cannot be written: No space left on device", e.getMessage());
  }

  private static void assertNoSpace(int position, FileSystemException e) {
    assertEquals(
        "/dev/full: the cache of this host: cannot write at byte "
            + position
            + ": No space left on device; spark.annoy.cache.dir names another place",
        e.getMessage());
  }
}
