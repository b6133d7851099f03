package org.annoyspark.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Locks between the processes of a host: each is one byte of one lock file, so a process that dies
 * leaves none behind, and no file is left for each copy. The file is opened once in a JVM, for the
 * system drops all locks of a process when any of its channels to the file is closed.
 *
 * <p>Waiting is by trying again: a thread that is interrupted in {@link FileChannel#lock()} would
 * close the channel, and with it the locks of all others.
 */
final class CacheLocks {

  static final String FILE_NAME = "locks";

  private static final long WAIT_MILLIS = 50;

  private static final Map<Path, CacheLocks> OF_DIRECTORIES = new HashMap<>();

  private final FileChannel channel;

  /** What threads of this JVM have locked exclusively: the system tells only processes apart. */
  private final Set<Long> exclusive = new HashSet<>();

  private CacheLocks(FileChannel channel) {
    this.channel = channel;
  }

  static CacheLocks of(Path directory) throws IOException {
    synchronized (OF_DIRECTORIES) {
      CacheLocks locks = OF_DIRECTORIES.get(directory);
      if (locks == null || !locks.channel.isOpen()) {
        locks =
            new CacheLocks(
                FileChannel.open(
                    directory.resolve(FILE_NAME),
                    Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString("rw-------"))));
        OF_DIRECTORIES.put(directory, locks);
      }
      return locks;
    }
  }

  /** A lock that may be held already where a JVM has this class twice. */
  interface Held extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  /** An exclusive lock, or null if somebody else has one. */
  synchronized Held tryExclusive(long position) throws IOException {
    try {
      FileLock lock = channel.tryLock(position, 1, false);
      if (lock == null) {
        return null;
      }
      exclusive.add(position);
      return () -> releaseExclusive(lock);
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private synchronized void releaseExclusive(FileLock lock) throws IOException {
    exclusive.remove(lock.position());
    lock.release();
  }

  /** Waits for an exclusive lock. */
  Held exclusive(long position) throws IOException {
    Held held = tryExclusive(position);
    while (held == null) {
      await();
      held = tryExclusive(position);
    }
    return held;
  }

  /** Waits for a lock that many processes may have at once; to be taken once in each. */
  Held shared(long position) throws IOException {
    Held held = tryShared(position);
    while (held == null) {
      await();
      held = tryShared(position);
    }
    return held;
  }

  private synchronized Held tryShared(long position) throws IOException {
    if (exclusive.contains(position)) {
      return null;
    }
    try {
      FileLock lock = channel.tryLock(position, 1, true);
      return lock == null ? null : lock::release;
    } catch (OverlappingFileLockException e) {
      // Another class loader of this JVM has it: that serves as well.
      return () -> {};
    }
  }

  private static void await() throws InterruptedIOException {
    try {
      TimeUnit.MILLISECONDS.sleep(WAIT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while another process held a lock");
    }
  }
}
