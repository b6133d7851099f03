package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.annoyspark.spark.TestSpark;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One checked copy of a remote file, however many ask for it. */
class HostIndexCacheTest {

  @TempDir Path directory;
  private Configuration conf;
  private byte[] bytes;
  private IndexFile expected;

  @BeforeEach
  void writeRemoteFile() throws IOException {
    conf = FaultyFileSystem.register(new Configuration());
    conf.set(AnnoyConf.CACHE_DIR, directory.resolve("cache").toString());
    bytes = new byte[10_000];
    new Random(1).nextBytes(bytes);
    Files.write(directory.resolve("index.ann"), bytes);
    ChunkChecksums checksums = new ChunkChecksums(4096);
    checksums.update(bytes, 0, bytes.length);
    expected = new IndexFile("index.ann", bytes.length, 4096, checksums.finish());
    FaultyFileSystem.OPENED.set(0);
  }

  private org.apache.hadoop.fs.Path remote() {
    return new org.apache.hadoop.fs.Path("faulty:" + directory.resolve("index.ann"));
  }

  @Test
  void aRemoteFileIsFetchedOnceAndKeptPrivate() throws IOException {
    Set<Path> copies =
        IntStream.range(0, 8).parallel().mapToObj(i -> fetch()).collect(Collectors.toSet());
    assertEquals(1, copies.size());
    assertEquals(1, FaultyFileSystem.OPENED.get());
    Path copy = copies.iterator().next();
    assertArrayEquals(bytes, Files.readAllBytes(copy));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)));
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.getParent())));
  }

  private Path cache() {
    return directory.resolve("cache/annoy-spark-cache-" + System.getProperty("user.name"));
  }

  private Path fetch() {
    try {
      return new HostIndexCache(conf).lease(remote(), "", expected).path();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aDamagedFileIsNotKept() throws IOException {
    bytes[5000] ^= 1;
    Files.write(directory.resolve("index.ann"), bytes);
    var e =
        assertThrows(
            CorruptIndexException.class,
            () -> new HostIndexCache(conf).lease(remote(), "", expected));
    assertTrue(
        e.getMessage().startsWith(remote() + ": CRC32C of bytes 4096 to 8192: expected "),
        e.getMessage());
    assertEquals(List.of("locks"), TestSpark.names(cache()));
  }

  @Test
  void aShortFileIsNotKept() throws IOException {
    IndexFile bare = new IndexFile("index.ann", bytes.length + 1, 4096, List.of());
    var e =
        assertThrows(
            CorruptIndexException.class, () -> new HostIndexCache(conf).lease(remote(), "", bare));
    assertEquals(
        remote() + ": length in bytes: expected 10001, found 10000; the file is truncated",
        e.getMessage());
  }

  @Test
  void aLocalFileIsUsedWhereItIs() throws IOException {
    Path file = directory.resolve("index.ann");
    assertEquals(
        file,
        new HostIndexCache(conf)
            .lease(new org.apache.hadoop.fs.Path(file.toUri()), "", expected)
            .path());
    assertEquals(List.of(), TestSpark.names(directory.resolve("cache")));
  }

  @Test
  void aDamagedCopyIsFetchedAgain() throws IOException {
    Path copy;
    try (HostIndexCache.Lease lease = lease(remote())) {
      copy = lease.path();
    }
    byte[] damaged = bytes.clone();
    damaged[7000] ^= 1;
    Files.write(copy, damaged);
    try (HostIndexCache.Lease lease = lease(remote())) {
      assertArrayEquals(bytes, Files.readAllBytes(lease.path()));
    }
    assertEquals(2, FaultyFileSystem.OPENED.get());
  }

  @Test
  void overItsSizeTheLongestUnusedGoesButNoneInUse() throws IOException {
    conf.set(AnnoyConf.CACHE_MAX_BYTES, Integer.toString(2 * bytes.length));
    List<Path> copies = new ArrayList<>();
    try (HostIndexCache.Lease inUse = lease(another("oldest"))) {
      copies.add(inUse.path());
      Files.setLastModifiedTime(inUse.path(), FileTime.fromMillis(1));
      for (String name : List.of("older", "newer")) {
        HostIndexCache.Lease lease = lease(another(name));
        copies.add(lease.path());
        lease.close();
        Files.setLastModifiedTime(lease.path(), FileTime.fromMillis(copies.size()));
      }
      assertEquals(
          List.of(true, false, true), copies.stream().map(Files::exists).toList(), "in use");
    }
    // The one that was fetched first has been used last.
    lease(another("newest")).close();
    assertEquals(List.of(true, false, false), copies.stream().map(Files::exists).toList());
  }

  @Test
  void aDirectoryThatOthersMayWriteToIsRefused() throws IOException {
    Files.createDirectories(cache());
    Files.setPosixFilePermissions(cache(), PosixFilePermissions.fromString("rwxrwxrwx"));
    var e = assertThrows(FileSystemException.class, () -> lease(remote()));
    assertTrue(e.getMessage().contains("with rwxrwxrwx; spark.annoy.cache.dir"), e.getMessage());
  }

  private HostIndexCache.Lease lease(org.apache.hadoop.fs.Path file) throws IOException {
    return new HostIndexCache(conf).lease(file, "", expected);
  }

  /** A remote file of the same bytes. */
  private org.apache.hadoop.fs.Path another(String name) throws IOException {
    Files.write(directory.resolve(name), bytes);
    return new org.apache.hadoop.fs.Path("faulty:" + directory.resolve(name));
  }
}
