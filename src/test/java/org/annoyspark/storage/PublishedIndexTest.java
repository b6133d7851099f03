package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.GoldenCase;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Remote indexes as this JVM opens them. */
class PublishedIndexTest {

  @TempDir Path directory;
  private Configuration conf;

  @BeforeEach
  void useACacheOfItsOwn() {
    conf = MeetingFileSystem.register(FaultyFileSystem.register(new Configuration()));
    conf.set(AnnoyConf.CACHE_DIR, directory.resolve("cache").toString());
  }

  private PublishedIndex open(String uri) {
    try {
      var bare = new IndexAddress.BareFile("angular", 10, DotLayout.MAIN);
      return PublishedIndex.open(IndexAddress.resolve(uri, bare, conf), conf);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Neither download goes on before the other has begun. */
  @Test
  void aDownloadDoesNotKeepOtherIndexesWaiting() throws IOException {
    Path golden = GoldenCase.of("angular_f10", "generic").file();
    List<String> uris =
        List.of(
            "meeting:" + Files.copy(golden, directory.resolve("one.ann")),
            "meeting:" + Files.copy(golden, directory.resolve("other.ann")));
    ExecutorService threads = Executors.newFixedThreadPool(uris.size());
    List<PublishedIndex> opened =
        uris.stream()
            .map(uri -> CompletableFuture.supplyAsync(() -> open(uri), threads))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();
    threads.shutdown();
    for (int i = 0; i < uris.size(); i++) {
      assertSame(opened.get(i), open(uris.get(i)));
    }
  }

  @Test
  void anEmptyBareFile() throws IOException {
    String uri = "faulty:" + Files.createFile(directory.resolve("empty.ann"));
    var e = assertThrows(CorruptIndexException.class, () -> open(uri));
    assertEquals(uri + ": length in bytes: expected at least one node, found 0", e.getMessage());
  }

  @Test
  void whatIsNoIndexIsToldWhereItIsOpened() throws IOException {
    URI nowhere = directory.resolve("nowhere").toUri();
    var missing =
        assertThrows(FileNotFoundException.class, () -> PublishedIndex.open(nowhere, conf));
    assertEquals("file:" + nowhere.getPath() + ": no such file or directory", missing.getMessage());

    Path file = GoldenCase.of("angular_f10", "generic").file().toAbsolutePath();
    var bare =
        assertThrows(IllegalArgumentException.class, () -> PublishedIndex.open(file.toUri(), conf));
    assertEquals(
        "file:"
            + file
            + ": a bare Annoy file does not tell its metric and dimension: give"
            + " both, or the directory of an index",
        bare.getMessage());

    conf.set(AnnoyConf.CACHE_DIR, "cache");
    var setting =
        assertThrows(IllegalArgumentException.class, () -> PublishedIndex.open(file.toUri(), conf));
    assertEquals(
        "spark.annoy.cache.dir: expected the absolute path of a local directory, found 'cache'",
        setting.getMessage());
  }
}
