package org.annoyspark.spark.ml;

import java.io.IOException;
import java.util.UUID;
import org.annoyspark.storage.AnnoyConf;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Where an index goes that nobody has named a place for; it goes with the application. */
final class TemporaryIndex {

  private TemporaryIndex() {}

  /**
   * A directory of its own, below {@link AnnoyConf#STAGING_DIR} or, in local mode, the JVM's
   * temporary directory.
   *
   * @param isLocal whether all executors are in this JVM
   * @throws IllegalArgumentException on a cluster without that setting: no other place is known to
   *     be within reach of all executors
   */
  static Path newPath(boolean isLocal, Configuration conf) {
    String name = "annoy-spark-index-" + UUID.randomUUID();
    Path base = new AnnoyConf(conf).stagingDir().orElse(null);
    if (base == null && !isLocal) {
      throw new IllegalArgumentException(
          "outputPath: expected the URI of a directory for the index, found none; on a cluster, only"
              + " the setting "
              + AnnoyConf.STAGING_DIR
              + " tells where a temporary index can go");
    }
    return new Path(
        base == null ? new Path("file", null, System.getProperty("java.io.tmpdir")) : base, name);
  }

  /** Has it deleted when the JVM ends. */
  static void deleteOnExit(Path index, Configuration conf) throws IOException {
    index.getFileSystem(conf).deleteOnExit(index);
  }
}
