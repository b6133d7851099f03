package org.annoyspark.storage;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * A local disk as {@code faulty:/…}, which counts as remote, counts what is opened, and fails to
 * delete a path whose name contains what {@value #UNDELETABLE_KEY} says.
 */
public final class FaultyFileSystem extends RawLocalFileSystem {

  public static final String UNDELETABLE_KEY = "fs.faulty.undeletable";

  public static final AtomicInteger OPENED = new AtomicInteger();

  private static final URI ROOT = URI.create("faulty:///");

  /** Makes the scheme known. */
  public static Configuration register(Configuration conf) {
    conf.set("fs.faulty.impl", FaultyFileSystem.class.getName());
    conf.set("fs.AbstractFileSystem.faulty.impl", Context.class.getName());
    return conf;
  }

  /** The same for Hadoop's other interface. */
  public static final class Context extends DelegateToFileSystem {
    public Context(URI uri, Configuration conf) throws IOException, URISyntaxException {
      super(uri, new FaultyFileSystem(), conf, "faulty", false);
    }
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
    String undeletable = getConf().get(UNDELETABLE_KEY, "");
    if (!undeletable.isEmpty() && path.getName().contains(undeletable)) {
      throw new IOException("cannot delete " + path);
    }
    return super.delete(path, recursive);
  }
}
