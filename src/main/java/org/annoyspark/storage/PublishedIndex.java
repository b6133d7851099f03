package org.annoyspark.storage;

import java.io.IOException;
import java.lang.ref.SoftReference;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.index.AnnoyIndex;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocalFileSystem;

/** An open index together with the ids of its items. Safe for many threads. */
public final class PublishedIndex {

  /** Open indexes of this JVM: an executor checks and reads an index once, not once a task. */
  private static final Map<String, Opened> OPEN = new ConcurrentHashMap<>();

  private final AnnoyIndex index;
  private final IdTable ids;

  private PublishedIndex(AnnoyIndex index, IdTable ids) {
    this.index = index;
    this.ids = ids;
  }

  /**
   * Opens the index that is published in a directory, as the other {@code open} does: the way in
   * for programs with Hadoop and without Spark, such as the tasks of a MapReduce job.
   *
   * @param directory on any file system of Hadoop's; without a scheme, on the default one
   * @param conf has the settings of the file systems, and may have those of {@link AnnoyConf}
   * @throws java.io.FileNotFoundException if there is no index in it
   * @throws org.annoyspark.format.CorruptIndexException if it is damaged
   * @throws IllegalArgumentException if it is a bare Annoy file, or a setting cannot be used
   */
  public static PublishedIndex open(URI directory, Configuration conf) throws IOException {
    new AnnoyConf(conf).check();
    // As Hadoop writes it, which has one slash where Java's URIs of files have three.
    String uri = new org.apache.hadoop.fs.Path(directory).toString();
    return open(IndexAddress.resolve(uri, null, conf), conf);
  }

  /**
   * Opens an index on this host: fetches it if it is remote, checks its checksums, maps it, and
   * maps its ids. Later calls for the same build in the same JVM return the same object.
   *
   * @throws org.annoyspark.format.CorruptIndexException if it is damaged
   */
  public static PublishedIndex open(IndexAddress address, Configuration conf) throws IOException {
    return OPEN.computeIfAbsent(address.key(), key -> new Opened()).get(address, conf);
  }

  /** One index; its monitor keeps all but one thread from opening it. */
  private static final class Opened {

    private SoftReference<PublishedIndex> reference = new SoftReference<>(null);

    synchronized PublishedIndex get(IndexAddress address, Configuration conf) throws IOException {
      PublishedIndex open = reference.get();
      if (open == null) {
        open = openAnew(address, conf);
        reference = new SoftReference<>(open);
      }
      return open;
    }
  }

  private static PublishedIndex openAnew(IndexAddress address, Configuration conf)
      throws IOException {
    IndexMetadata metadata = address.readMetadata(conf);
    HostIndexCache.Lease lease =
        new HostIndexCache(conf)
            .lease(
                address.file(),
                address.version(),
                metadata == null ? address.expectedBareFile() : metadata.file());
    try {
      AnnoyIndex index = open(lease.path(), address, metadata, conf);
      lease.closeAfter(index);
      return new PublishedIndex(index, ids(address, metadata, conf));
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private static AnnoyIndex open(
      Path local, IndexAddress address, IndexMetadata metadata, Configuration conf)
      throws IOException {
    if (metadata == null) {
      return AnnoyIndex.open(local, address.bare().toMetric());
    }
    if (address.file().getFileSystem(conf) instanceof LocalFileSystem) {
      // The copy of a remote file has been checked.
      AnnoyIndex.verifyChecksums(local, metadata);
    }
    return AnnoyIndex.open(local, metadata);
  }

  private static IdTable ids(IndexAddress address, IndexMetadata metadata, Configuration conf)
      throws IOException {
    if (metadata == null || !metadata.ids().mapped()) {
      return IdTable.identity();
    }
    return IdTable.open(
        new org.apache.hadoop.fs.Path(address.file().getParent(), metadata.ids().directory()),
        metadata,
        conf);
  }

  public AnnoyIndex index() {
    return index;
  }

  public IdTable ids() {
    return ids;
  }
}
