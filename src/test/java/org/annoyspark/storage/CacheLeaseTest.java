package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As long as there is a lease, no process gets the lock that it takes to remove the copy. */
class CacheLeaseTest {

  private static final IndexFile EXPECTED =
      new IndexFile("index.ann", 4, ChunkChecksums.DEFAULT_CHUNK_BYTES, List.of());

  @TempDir Path directory;
  private Configuration conf;

  @BeforeEach
  void writeRemoteFile() throws IOException {
    conf = FaultyFileSystem.register(new Configuration());
    conf.set(AnnoyConf.CACHE_DIR, directory.resolve("cache").toString());
    Files.write(directory.resolve("index.ann"), new byte[4]);
  }

  private HostIndexCache.Lease lease() throws IOException {
    var remote = new org.apache.hadoop.fs.Path("faulty:" + directory.resolve("index.ann"));
    return new HostIndexCache(conf).lease(remote, "", EXPECTED);
  }

  /** What the eviction asks for. */
  private CacheLocks.Held tryRemoval(Path copy) throws IOException {
    return CacheDirectory.open(new AnnoyConf(conf))
        .locks()
        .tryExclusive(CacheDirectory.lease(copy));
  }

  @Test
  void oneThreadEndsItsLeaseWhileAnotherTakesOne() {
    int unlocked =
        IntStream.range(0, 4)
            .mapToObj(thread -> CompletableFuture.supplyAsync(() -> unlockedLeases(700)))
            .toList()
            .stream()
            .mapToInt(CompletableFuture::join)
            .sum();
    assertTrue(unlocked == 0, unlocked + " leases held no lock");
  }

  private int unlockedLeases(int rounds) {
    int unlocked = 0;
    try {
      for (int i = 0; i < rounds; i++) {
        try (HostIndexCache.Lease lease = lease();
            CacheLocks.Held removal = tryRemoval(lease.path())) {
          unlocked += removal == null ? 0 : 1;
        }
      }
      return unlocked;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aLeaseWaitsUntilAnotherThreadHasRemovedTheCopy() throws Exception {
    Path copy;
    try (HostIndexCache.Lease lease = lease()) {
      copy = lease.path();
    }
    CompletableFuture<HostIndexCache.Lease> leased = new CompletableFuture<>();
    Thread thread = new Thread(() -> leased.completeAsync(this::leaseUnchecked, Runnable::run));
    try (CacheLocks.Held removal = tryRemoval(copy)) {
      assertNotNull(removal);
      thread.start();
      while (!leased.isDone() && thread.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      Files.delete(copy);
    }
    try (HostIndexCache.Lease lease = leased.get()) {
      assertTrue(Files.exists(lease.path()), "removed though leased");
      assertNull(tryRemoval(copy), "the lease holds no lock");
    }
  }

  private HostIndexCache.Lease leaseUnchecked() {
    try {
      return lease();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
