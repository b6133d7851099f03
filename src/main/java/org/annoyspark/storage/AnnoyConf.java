package org.annoyspark.storage;

import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * All settings, with their defaults. They come from the Spark session ({@code --conf} on the
 * command line wins over {@code conf/spark-defaults.conf}) or, without Spark, from Hadoop's
 * configuration, and change how work is done, never what comes out, but for {@link #SQL_REFRESH}.
 * Sizes are bytes or have a unit: {@code 64m}, {@code 2g}.
 */
public final class AnnoyConf {

  /**
   * Where a host keeps its copies of remote files, and its tables of mapped ids, in a private
   * directory {@code annoy-spark-cache-USER} below this one. The JVM's temporary directory unless
   * set: to be set where executors of one host have temporary directories of their own, as on YARN.
   * An absolute path.
   */
  public static final String CACHE_DIR = "spark.annoy.cache.dir";

  /**
   * How large these copies may grow together, before those that nobody uses are removed, the
   * longest unused first. Half of the disk unless set. A copy in use is never removed, so one index
   * larger than that still opens.
   */
  public static final String CACHE_MAX_BYTES = "spark.annoy.cache.maxBytes";

  /**
   * A directory that all executors reach, for the pieces of a running build, in a directory {@code
   * _staging-BUILD} below this one. The index directory itself unless set.
   */
  public static final String STAGING_DIR = "spark.annoy.staging.dir";

  /**
   * Size of the parts that the final file is written in, from 5 MiB to 1 GiB, rounded up to whole
   * chunks of 8 MiB; 64 MiB unless set.
   */
  public static final String PART_BYTES = "spark.annoy.part.bytes";

  /**
   * About how much memory a task of a join, or of a query with {@code annoy_neighbors}, may take
   * for the queries that it answers together; unless set, a quarter of a task's share of the heap,
   * but at least 64 MiB and at most 256 MiB. With more of them it is faster, up to some hundred
   * thousand.
   */
  public static final String JOIN_BATCH_BYTES = "spark.annoy.join.batch.bytes";

  /**
   * Whether the SQL functions of a stream move on to a build that is published while it runs,
   * between two micro-batches; {@code false} unless set, before the stream starts.
   */
  public static final String SQL_REFRESH = "spark.annoy.sql.refresh";

  private static final String PREFIX = "spark.annoy.";

  private static final List<String> KNOWN =
      List.of(CACHE_DIR, CACHE_MAX_BYTES, STAGING_DIR, PART_BYTES, JOIN_BATCH_BYTES, SQL_REFRESH);

  private static final long DEFAULT_PART_BYTES = 64L << 20;

  /** S3 takes no smaller part, but for the last. */
  private static final long LEAST_PART_BYTES = 5L << 20;

  /** S3 takes 5 GiB, but Hadoop's uploader counted in ints up to 3.3. */
  private static final long MOST_PART_BYTES = 1L << 30;

  private final Configuration conf;

  public AnnoyConf(Configuration conf) {
    this.conf = conf;
  }

  /**
   * Reads every setting once, for it is better known at the start what cannot be used, and what
   * nobody would ever read.
   *
   * @throws IllegalArgumentException naming the first such setting
   */
  public void check() {
    for (String suffix : new TreeSet<>(conf.getPropsWithPrefix(PREFIX).keySet())) {
      if (!KNOWN.contains(PREFIX + suffix)) {
        throw new IllegalArgumentException(
            PREFIX + suffix + ": expected one of " + String.join(", ", KNOWN));
      }
    }
    checkIsNoFile(cacheDir());
    cacheMaxBytes();
    partBytes();
    joinBatchBytes(1);
    stagingDir();
    sqlRefresh();
  }

  /** A relative one would be another for each process. */
  java.nio.file.Path cacheDir() {
    String configured = conf.getTrimmed(CACHE_DIR, "");
    if (configured.isEmpty()) {
      return java.nio.file.Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
    }
    java.nio.file.Path dir = java.nio.file.Path.of(configured);
    if (!dir.isAbsolute()) {
      throw new IllegalArgumentException(
          CACHE_DIR
              + ": expected the absolute path of a local directory, found '"
              + UriCredentials.hide(configured)
              + "'");
    }
    return dir;
  }

  /**
   * Executors may have another disk than the driver, but none has a directory where it has a file.
   */
  private static void checkIsNoFile(java.nio.file.Path dir) {
    if (Files.exists(dir) && !Files.isDirectory(dir)) {
      throw new IllegalArgumentException(
          CACHE_DIR + ": expected a directory, found the file " + dir);
    }
  }

  Optional<Long> cacheMaxBytes() {
    return conf.getTrimmed(CACHE_MAX_BYTES, "").isEmpty()
        ? Optional.empty()
        : Optional.of(bytes(CACHE_MAX_BYTES, 0, 0, Long.MAX_VALUE));
  }

  /** The wanted size of a part. */
  public long partBytes() {
    return bytes(PART_BYTES, DEFAULT_PART_BYTES, LEAST_PART_BYTES, MOST_PART_BYTES);
  }

  /** What the queries of a batch may take. */
  public long joinBatchBytes(long defaultBytes) {
    return bytes(JOIN_BATCH_BYTES, defaultBytes, 1, Long.MAX_VALUE);
  }

  /** Where pieces of a build go, unless it is the index directory. */
  public Optional<Path> stagingDir() {
    String configured = conf.getTrimmed(STAGING_DIR, "");
    UriCredentials.refuse(STAGING_DIR, configured);
    return configured.isEmpty() ? Optional.empty() : Optional.of(new Path(configured));
  }

  /** Whether the SQL functions of a stream move on to other builds. */
  public boolean sqlRefresh() {
    String configured = conf.getTrimmed(SQL_REFRESH, "false").toLowerCase(Locale.ROOT);
    if (!configured.equals("true") && !configured.equals("false")) {
      throw new IllegalArgumentException(
          SQL_REFRESH + ": expected true or false, found '" + configured + "'");
    }
    return configured.equals("true");
  }

  private long bytes(String key, long defaultBytes, long leastBytes, long mostBytes) {
    long bytes;
    try {
      bytes = conf.getLongBytes(key, defaultBytes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          key + ": expected a size such as 64m, found '" + conf.get(key) + "'", e);
    }
    if (bytes < leastBytes) {
      throw new IllegalArgumentException(
          key + ": expected at least " + leastBytes + ", found " + bytes);
    }
    if (bytes > mostBytes) {
      throw new IllegalArgumentException(
          key + ": expected at most " + mostBytes + ", found " + bytes);
    }
    return bytes;
  }
}
