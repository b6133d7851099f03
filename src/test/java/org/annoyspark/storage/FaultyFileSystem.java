package org.annoyspark.storage;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * A local disk as {@code faulty:/…}, which counts as remote, counts what is opened, and is at fault
 * with paths whose names contain what a setting says: cannot delete those of {@value
 * #UNDELETABLE_KEY}, cannot create those of {@value #UNWRITABLE_KEY}, and creates those of {@value
 * #LATE_KEY} when their directory is gone, or after a while.
 */
public final class FaultyFileSystem extends RawLocalFileSystem {

  public static final String UNDELETABLE_KEY = "fs.faulty.undeletable";
  public static final String UNWRITABLE_KEY = "fs.faulty.unwritable";
  public static final String LATE_KEY = "fs.faulty.late";

  /** Whether a late file found its directory gone. */
  public static final AtomicBoolean WAS_TOO_LATE = new AtomicBoolean();

  private static final Duration LATE = Duration.ofSeconds(2);

  public static final AtomicInteger OPENED = new AtomicInteger();

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
    return super.createFile(path);
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
}
