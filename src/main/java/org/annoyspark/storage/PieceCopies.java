package org.annoyspark.storage;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;

/** This host's copies of a running build's pieces, with a lease on each. */
public final class PieceCopies implements AutoCloseable {

  private static final Logger LOG = System.getLogger(PieceCopies.class.getName());

  private final HostIndexCache.Lease[] leases;
  private boolean isClosed;

  private PieceCopies(int pieces) {
    this.leases = new HostIndexCache.Lease[pieces];
  }

  /**
   * Fetches, several at once, what this host has no copy of.
   *
   * @param pieces one or more
   * @throws org.annoyspark.format.CorruptIndexException if a piece is not what was reported
   */
  public static PieceCopies fetch(List<StagedFile> pieces, Configuration conf) throws IOException {
    makeRoom(pieces, conf);
    HostIndexCache cache = new HostIndexCache(conf);
    PieceCopies copies = new PieceCopies(pieces.size());
    List<Callable<Void>> calls = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      int number = i;
      StagedFile piece = pieces.get(i);
      // Here, as other threads may act for another user.
      FileSystem fs = piece.toPath().getFileSystem(conf);
      calls.add(
          () -> {
            copies.hold(number, cache.lease(piece.toPath(), fs, "", piece.expected(), 0));
            return null;
          });
    }
    try {
      ParallelCalls.run(calls, pieces.get(0).path());
      return copies;
    } catch (IOException | RuntimeException e) {
      copies.close();
      throw e;
    }
  }

  /** For all at once: to look through the cache for each piece would take their square. */
  private static void makeRoom(List<StagedFile> pieces, Configuration conf) throws IOException {
    long missingBytes = 0;
    for (StagedFile piece : pieces) {
      FileSystem fs = piece.toPath().getFileSystem(conf);
      if (!(fs instanceof LocalFileSystem) && !Files.exists(copy(piece, fs, conf))) {
        missingBytes += piece.lengthBytes();
      }
    }
    if (missingBytes > 0) {
      CacheDirectory.open(new AnnoyConf(conf)).makeRoom(missingBytes);
    }
  }

  private static Path copy(StagedFile piece, FileSystem fs, Configuration conf) throws IOException {
    return CacheDirectory.open(new AnnoyConf(conf))
        .copy(HostIndexCache.identity(piece.toPath(), fs, ""), piece.toPath().getName());
  }

  private synchronized void hold(int number, HostIndexCache.Lease lease) {
    if (isClosed) {
      lease.close();
    } else {
      leases[number] = lease;
    }
  }

  /** In the order of the pieces. */
  public synchronized List<Path> paths() {
    return Arrays.stream(leases).map(HostIndexCache.Lease::path).toList();
  }

  /** Ends the leases once {@code user} cannot be reached any more, if nobody has before. */
  public void closeAfter(Object user) {
    HostIndexCache.CLEANER.register(user, this::close);
  }

  /** Ends the leases. */
  @Override
  public synchronized void close() {
    isClosed = true;
    Arrays.stream(leases).filter(Objects::nonNull).forEach(HostIndexCache.Lease::close);
  }

  /**
   * Removes this host's copies, unless another process still uses them. What cannot be removed goes
   * when the cache is over its size.
   */
  public static void remove(List<StagedFile> pieces, Configuration conf) {
    try {
      for (StagedFile piece : pieces) {
        FileSystem fs = piece.toPath().getFileSystem(conf);
        if (!(fs instanceof LocalFileSystem)) {
          CacheDirectory.open(new AnnoyConf(conf)).remove(copy(piece, fs, conf));
        }
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "copies of staged pieces stay in the cache: {0}", e.getMessage());
    }
  }
}
