package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.annoyspark.spark.TestSpark;
import org.annoyspark.storage.S3Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The cache of a host, used by several processes at once, as several executors do. */
@ExtendWith(ClusterExtension.class)
class HostCacheIT {

  private static final int PROCESSES = 4;

  /** 200 MB. */
  private static final int LARGE_ITEMS = 5000;

  private static final int LARGE_DIMENSION = 10_000;
  private static final int SMALL_ITEMS = 100;

  /** So that answers of one can be told from the other's. */
  private static final int LARGE_SEED = 1;

  @TempDir static Path shared;
  private static BucketIndex large;

  @TempDir Path directory;
  private Store store;
  private FaultProxy proxy;
  private final List<CacheReader> readers = new ArrayList<>();

  @BeforeEach
  void stand(S3Server s3) throws IOException {
    store = Store.of(s3);
    proxy = new FaultProxy(s3.port());
    if (large == null) {
      large = BucketIndex.write(shared.resolve("large"), LARGE_ITEMS, LARGE_DIMENSION, LARGE_SEED);
      store.upload(large.directory(), "cache/large");
    }
  }

  @AfterEach
  void end() throws IOException {
    proxy.end();
    readers.forEach(CacheReader::close);
    proxy.close();
  }

  @Test
  void fourProcessesShareOneDownloadOneFileAndItsMemory() throws Exception {
    // Each fetches one for itself: the classes that this takes are more than the bound below.
    for (int i = 0; i < PROCESSES; i++) {
      BucketIndex small = upload("small-" + i, 2);
      CacheReader reader = start(Map.of());
      reader.open(store.at("cache/small-" + i));
      assertEquals(CacheReader.expected(small), reader.awaitAnswer());
    }
    ProcessMemory before = memory();
    long servedBefore = proxy.servedBytes();

    for (CacheReader reader : readers) {
      reader.open(store.at("cache/large"));
    }
    awaitAnswers(CacheReader.expected(large));

    long served = proxy.servedBytes() - servedBefore;
    assertTrue(served >= large.fileBytes(), served + " bytes served");
    // Not twice: but a request for a range is cut off when enough has come, with more on its way.
    assertTrue(served < large.fileBytes() * 3 / 2, served + " bytes served");
    assertEquals(1, copies(large).size(), copies(large).toString());
    assertEquals(1, tables(large).size(), tables(large).toString());
    ProcessMemory mapped = memory(copies(large).get(0));
    assertNear(PROCESSES * large.fileBytes(), mapped.residentBytes(), "mapped by all");
    assertNear(large.fileBytes(), mapped.proportionalBytes(), "in the page cache");
    long grown = memory().privateBytes() - before.privateBytes();
    long ownPages = mapped.privateBytes();
    assertTrue(
        ownPages < large.fileBytes() / 20, ownPages + " bytes of the file are one process's");
    assertTrue(grown < large.fileBytes() / 20, grown + " bytes more of private memory");
  }

  private static void assertNear(long expected, long found, String what) {
    assertTrue(
        Math.abs(found - expected) < expected / 20,
        what + ": expected about " + expected + " bytes, found " + found);
  }

  @Test
  void aDownloadThatIsKilledLeavesNothingThatIsRead() throws Exception {
    proxy.stallAfter(large.fileBytes() / 2);
    CacheReader killed = start(Map.of());
    killed.open(store.at("cache/large"));
    Await.until(
        "half of the file",
        Duration.ofMinutes(3),
        () -> proxy.servedBytes() > large.fileBytes() / 2);
    killed.process().kill();
    List<String> left = TestSpark.names(cache());
    assertEquals(1, left.stream().filter(name -> name.contains(".ann.part-")).count(), "" + left);
    assertEquals(List.of(), copies(large));

    proxy.end();
    start(Map.of()).open(store.at("cache/large"));
    awaitLastAnswer(CacheReader.expected(large));
    assertEquals(-1, Files.mismatch(large.file(), copies(large).get(0)));
    List<String> names = TestSpark.names(cache());
    assertTrue(names.stream().noneMatch(name -> name.contains(".part-")), names.toString());
  }

  @Test
  void whatIsDamagedIsMadeAgainByTheNextProcess() throws Exception {
    try (CacheReader first = start(Map.of())) {
      first.open(store.at("cache/large"));
      awaitLastAnswer(CacheReader.expected(large));
    }
    Path copy = copies(large).get(0);
    Path table = tables(large).get(0);
    byte[] soundTable = Files.readAllBytes(table);
    flipAByte(copy, large.fileBytes() / 2);
    flipAByte(table, soundTable.length / 2);
    long servedBefore = proxy.servedBytes();

    start(Map.of()).open(store.at("cache/large"));
    awaitLastAnswer(CacheReader.expected(large));
    assertTrue(proxy.servedBytes() - servedBefore >= large.fileBytes());
    assertEquals(-1, Files.mismatch(large.file(), copy));
    assertEquals(
        ByteBuffer.wrap(soundTable), ByteBuffer.wrap(Files.readAllBytes(table)), "the ids");
  }

  @Test
  void evictionKeepsWhatOtherProcessesHold() throws Exception {
    BucketIndex held = upload("held", 3);
    BucketIndex other = upload("other", 4);
    BucketIndex last = upload("last", 5);
    Map<String, String> noRoom = Map.of("spark.annoy.cache.maxBytes", "1");
    CacheReader holder = start(noRoom);
    holder.open(store.at("cache/held"));
    awaitLastAnswer(CacheReader.expected(held));
    try (CacheReader reader = start(noRoom)) {
      reader.open(store.at("cache/other"));
      awaitLastAnswer(CacheReader.expected(other));
      assertEquals(List.of(1, 1), List.of(copies(held).size(), tables(held).size()));
    }
    start(noRoom).open(store.at("cache/last"));
    awaitLastAnswer(CacheReader.expected(last));
    assertEquals(List.of(1, 1), List.of(copies(held).size(), tables(held).size()));
    assertEquals(List.of(0, 0), List.of(copies(other).size(), tables(other).size()));
  }

  private BucketIndex upload(String name, long seed) throws IOException {
    BucketIndex index = BucketIndex.write(directory.resolve(name), SMALL_ITEMS, SMALL_ITEMS, seed);
    store.upload(index.directory(), "cache/" + name);
    return index;
  }

  /** A reader that reaches the store through the proxy. */
  private CacheReader start(Map<String, String> settings) throws IOException {
    Map<String, String> all = new HashMap<>(S3Server.settings(proxy.port()));
    all.put("spark.annoy.cache.dir", directory.resolve("cache").toString());
    all.putAll(settings);
    Path log =
        ClusterExtension.DIRECTORY.resolve("cache-reader-" + proxy.port() + "-" + readers.size());
    CacheReader reader = CacheReader.start(log, all);
    readers.add(reader);
    return reader;
  }

  private void awaitAnswers(String expected) throws Exception {
    for (CacheReader reader : readers) {
      assertEquals(expected, reader.awaitAnswer());
    }
  }

  private void awaitLastAnswer(String expected) throws Exception {
    assertEquals(expected, readers.get(readers.size() - 1).awaitAnswer());
  }

  private ProcessMemory memory() throws IOException {
    ProcessMemory sum = new ProcessMemory(0, 0, 0);
    for (CacheReader reader : readers) {
      sum = sum.plus(ProcessMemory.of(reader.process()));
    }
    return sum;
  }

  private ProcessMemory memory(Path file) throws IOException {
    ProcessMemory sum = new ProcessMemory(0, 0, 0);
    for (CacheReader reader : readers) {
      sum = sum.plus(ProcessMemory.of(reader.process(), file));
    }
    return sum;
  }

  private Path cache() {
    return directory.resolve("cache/annoy-spark-cache-" + System.getProperty("user.name"));
  }

  /** The copies of an index's file that stand in the cache. */
  private List<Path> copies(BucketIndex index) throws IOException {
    return cached("-" + index.metadata().file().name());
  }

  /** The tables of its ids. */
  private List<Path> tables(BucketIndex index) throws IOException {
    return cached("-" + index.metadata().ids().directory() + ".table");
  }

  private List<Path> cached(String end) throws IOException {
    try (Stream<Path> files = Files.list(cache())) {
      return files.filter(file -> file.toString().endsWith(end)).toList();
    }
  }

  private static void flipAByte(Path file, long position) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, position);
      channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}), position);
    }
  }
}
