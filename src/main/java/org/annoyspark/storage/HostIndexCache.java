package org.annoyspark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;

/**
 * Local copies of remote files, one a host: whichever process comes first fetches a file, under a
 * lock, to a temporary name, checks it and renames it; the others wait and map the same copy. Files
 * on a local disk are used where they are. What a host makes of remote files, such as an {@link
 * IdTableFile}, is kept in the same way.
 *
 * <p>Who uses a copy has a {@link Lease} on it: copies without one are removed when the cache is
 * over its size ({@link AnnoyConf#CACHE_MAX_BYTES}), the longest unused first. A copy is checked
 * again when the first lease of a process is taken, and fetched anew if it has been damaged; what
 * others have mapped of the old one stays as it is.
 */
public final class HostIndexCache {

  private static final Logger LOG = System.getLogger(HostIndexCache.class.getName());
  static final Cleaner CLEANER = Cleaner.create();

  /** The copies that this JVM has leased. */
  private static final Map<Path, LeasedCopy> LEASED = new ConcurrentHashMap<>();

  private final Configuration conf;

  /**
   * @param conf has the settings of {@link AnnoyConf} and those of the file systems
   */
  public HostIndexCache(Configuration conf) {
    this.conf = conf;
  }

  /** How a copy comes to be, and what is known of it. */
  interface Content {

    /** About how much room it takes; 0 if that has been seen to. */
    long wantedBytes() throws IOException;

    /**
     * Writes it.
     *
     * @param part an empty file
     */
    void writeTo(Path part) throws IOException;

    /** Whether the file that stands there is it. */
    boolean isIntact(Path copy) throws IOException;
  }

  /** A promise that a local file stays where it is. */
  public static final class Lease implements AutoCloseable {

    private final Path path;
    private final LeasedCopy copy;
    private boolean closed;

    private Lease(Path path, LeasedCopy copy) {
      this.path = path;
      this.copy = copy;
    }

    public Path path() {
      return path;
    }

    /**
     * Ends the lease once {@code user} cannot be reached any more, as the collector then unmaps
     * what it has mapped.
     */
    public void closeAfter(Object user) {
      CLEANER.register(user, this::close);
    }

    @Override
    public synchronized void close() {
      if (!closed && copy != null) {
        copy.release();
      }
      closed = true;
    }
  }

  /**
   * A local file with the bytes of {@code file}, which must never change.
   *
   * @param version tells apart what stands under the same name at different times
   * @param expected length and checksums; without checksums only the length is checked
   * @throws CorruptIndexException if the file is not what is expected
   */
  public Lease lease(org.apache.hadoop.fs.Path file, String version, IndexFile expected)
      throws IOException {
    return lease(file, file.getFileSystem(conf), version, expected, expected.lengthBytes());
  }

  /**
   * The same.
   *
   * @param wantedBytes how much room is to be made for it, if it is fetched
   */
  Lease lease(
      org.apache.hadoop.fs.Path file,
      FileSystem fs,
      String version,
      IndexFile expected,
      long wantedBytes)
      throws IOException {
    if (fs instanceof LocalFileSystem local) {
      return new Lease(local.pathToFile(file).toPath(), null);
    }
    return lease(
        identity(file, fs, version),
        file.getName(),
        new RemoteFile(file, fs, expected, wantedBytes));
  }

  static String identity(org.apache.hadoop.fs.Path file, FileSystem fs, String version) {
    return String.join("\n", fs.makeQualified(file).toString(), version);
  }

  /**
   * A local file of this host's own making.
   *
   * @param identity equal for equal content alone
   * @param name a file name for people
   */
  Lease lease(String identity, String name, Content content) throws IOException {
    CacheDirectory directory = CacheDirectory.open(new AnnoyConf(conf));
    Path path = directory.copy(identity, name);
    while (true) {
      LeasedCopy copy = LEASED.computeIfAbsent(path, LeasedCopy::new);
      if (copy.acquire(directory, content)) {
        return new Lease(path, copy);
      }
    }
  }

  /** A copy that threads of this JVM use; its monitor keeps all but one from making it. */
  private static final class LeasedCopy {

    private final Path path;
    private int leases;
    private CacheLocks.Held shared;
    private boolean isRetired;

    LeasedCopy(Path path) {
      this.path = path;
    }

    /** Takes a lease, or returns false if the last one has just ended. */
    synchronized boolean acquire(CacheDirectory directory, Content content) throws IOException {
      if (isRetired) {
        return false;
      }
      if (leases == 0) {
        shared = directory.locks().shared(CacheDirectory.lease(path));
        boolean isThere = false;
        try {
          ensureIntact(directory, content);
          isThere = true;
        } finally {
          if (!isThere) {
            retire();
          }
        }
      }
      leases++;
      return true;
    }

    private void ensureIntact(CacheDirectory directory, Content content) throws IOException {
      if (!isIntact(content)) {
        try (CacheLocks.Held making = directory.locks().exclusive(CacheDirectory.making(path))) {
          if (!isIntact(content)) {
            make(directory, content);
          }
        }
      }
      CacheDirectory.touch(path);
    }

    private boolean isIntact(Content content) throws IOException {
      return Files.exists(path) && content.isIntact(path);
    }

    private void make(CacheDirectory directory, Content content) throws IOException {
      directory.removeParts(path);
      long wantedBytes = content.wantedBytes();
      if (wantedBytes > 0) {
        directory.makeRoom(wantedBytes);
      }
      Path part = directory.newPart(path);
      try {
        content.writeTo(part);
        CacheDirectory.publish(part, path);
      } finally {
        Files.deleteIfExists(part);
      }
    }

    synchronized void release() {
      leases--;
      if (leases == 0) {
        retire();
      }
    }

    private void retire() {
      isRetired = true;
      // Closed before anybody can lock for a copy of his own: a JVM may hold each lock only once.
      try (CacheLocks.Held ending = shared) {
        if (Files.exists(path)) {
          // Eviction goes by the end of the last use.
          CacheDirectory.touch(path);
        }
      } catch (IOException e) {
        LOG.log(Level.WARNING, "{0}: its lease could not be given back: {1}", path, e);
      } finally {
        LEASED.remove(path, this);
      }
    }
  }

  /** A file to be fetched. */
  private record RemoteFile(
      org.apache.hadoop.fs.Path file, FileSystem fs, IndexFile expected, long wantedBytes)
      implements Content {

    @Override
    public void writeTo(Path part) throws IOException {
      RangedDownload.run(file, fs, expected, part);
    }

    @Override
    public boolean isIntact(Path copy) throws IOException {
      try (InputStream in = Files.newInputStream(copy)) {
        expected.checkLength(copy.toString(), Files.size(copy));
        if (expected.hasChecksums()) {
          ChunkChecksums.verify(copy.toString(), in, expected);
        }
        return true;
      } catch (CorruptIndexException e) {
        LOG.log(Level.WARNING, "{0}; it is fetched again from {1}", e.getMessage(), file);
        return false;
      }
    }
  }
}
