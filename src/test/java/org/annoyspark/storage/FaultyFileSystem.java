package org.annoyspark.storage;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * A local disk as {@code faulty:/…}, which counts as remote, counts what is opened, and is at fault
 * with paths whose names contain what a setting says: cannot delete those of {@value
 * #UNDELETABLE_KEY}, cannot create those of {@value #UNWRITABLE_KEY}, and creates those of {@value
 * #LATE_KEY} when their directory is gone, or after a while. It creates those of {@value
 * #NO_REPLY_KEY} and says that it could not, waits in vain for those of {@value #TIMED_OUT_KEY},
 * and cannot open those of {@value #UNREADABLE_KEY}.
 */
public final class FaultyFileSystem extends RawLocalFileSystem {

  public static final String UNDELETABLE_KEY = "fs.faulty.undeletable";
  public static final String UNWRITABLE_KEY = "fs.faulty.unwritable";
  public static final String LATE_KEY = "fs.faulty.late";
  public static final String NO_REPLY_KEY = "fs.faulty.no.reply";
  public static final String TIMED_OUT_KEY = "fs.faulty.timed.out";
  public static final String UNREADABLE_KEY = "fs.faulty.unreadable";

  /** Whether a late file found its directory gone. */
  public static final AtomicBoolean WAS_TOO_LATE = new AtomicBoolean();

  private static final Duration LATE = Duration.ofSeconds(2);

  public static final AtomicInteger OPENED = new AtomicInteger();

  /** The names of what was opened, each time. */
  public static final Queue<String> OPENED_NAMES = new ConcurrentLinkedQueue<>();

  private static final URI ROOT = URI.create("faulty:///");

  /** Makes the scheme known. */
  public static Configuration register(Configuration conf) {
    conf.set("fs.faulty.impl", FaultyFileSystem.class.getName());
    return conf;
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public String getScheme() {
    return "faulty";
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    OPENED.incrementAndGet();
    OPENED_NAMES.add(path.getName());
    if (isAtFault(UNREADABLE_KEY, path)) {
      throw new IOException("cannot open " + path);
    }
    return super.open(path, bufferSize);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    if (isAtFault(UNDELETABLE_KEY, path)) {
      throw new IOException("cannot delete " + path);
    }
    return super.delete(path, recursive);
  }

  @Override
  public FSDataOutputStreamBuilder<?, ?> createFile(Path path) {
    if (isAtFault(LATE_KEY, path)) {
      awaitGone(pathToFile(path.getParent()));
    }
    if (isAtFault(UNWRITABLE_KEY, path)) {
      throw new UncheckedIOException(new IOException("cannot create " + path));
    }
    if (isAtFault(TIMED_OUT_KEY, path)) {
      throw new UncheckedIOException(new SocketTimeoutException("no answer about " + path));
    }
    return isAtFault(NO_REPLY_KEY, path) ? new NoReply(this, path) : super.createFile(path);
  }

  private boolean isAtFault(String key, Path path) {
    String part = getConf().get(key, "");
    return !part.isEmpty() && path.getName().contains(part);
  }

  private static void awaitGone(File directory) {
    long end = System.nanoTime() + LATE.toNanos();
    while (directory.exists() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    WAS_TOO_LATE.compareAndSet(false, !directory.exists());
  }

  /** Writes what it is given, and then fails. */
  private static final class NoReply
      extends FSDataOutputStreamBuilder<FSDataOutputStream, NoReply> {

    private NoReply(FaultyFileSystem fs, Path path) {
      super(fs, path);
    }

    @Override
    public NoReply getThisBuilder() {
      return this;
    }

    @Override
    public FSDataOutputStream build() throws IOException {
      return new FSDataOutputStream(getFS().create(getPath(), true), null) {
        @Override
        public void close() throws IOException {
          super.close();
          throw new SocketException("no reply about " + getPath());
        }
      };
    }
  }
}
