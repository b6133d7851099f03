package org.annoyspark.storage;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * One name for a place, whatever it was called: a NameNode has names with and without its port, and
 * mount tables and links lead to others.
 */
public final class CanonicalPath {

  private CanonicalPath() {}

  public static Path of(String uri, Configuration conf) throws IOException {
    Path given = new Path(uri);
    FileSystem fs = given.getFileSystem(conf);
    Path qualified = fs.makeQualified(given);
    Path resolved = fs.exists(qualified) ? fs.resolvePath(qualified) : qualified;
    String service = resolved.getFileSystem(conf).getCanonicalServiceName();
    boolean isHost = service != null && !service.contains("/");
    return isHost
        ? new Path(resolved.toUri().getScheme(), service, resolved.toUri().getPath())
        : resolved;
  }

  /** Whether a place is another one, or in it; of two canonical paths. */
  public static boolean isWithin(Path inner, Path outer) {
    for (Path path = inner; path != null; path = path.getParent()) {
      if (path.equals(outer)) {
        return true;
      }
    }
    return false;
  }
}
