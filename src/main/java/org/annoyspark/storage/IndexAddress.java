package org.annoyspark.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Which index is meant, down to the build: a few hundred bytes to send to every task, however large
 * the index. Resolved once, so that all tasks of a job answer from the same build, whatever is
 * published meanwhile. What else they need to know they read from the build's own metadata.
 */
public final class IndexAddress implements Serializable {

  private static final long serialVersionUID = 1L;

  /** What a bare Annoy file does not tell of itself. */
  public record BareFile(String metric, int dimension, DotLayout dotLayout)
      implements Serializable {

    Metric toMetric() {
      return Metric.of(metric, dimension, dotLayout);
    }
  }

  private final String file;
  private final long lengthBytes;
  private final long modificationTime;
  private final Build build;
  private final BareFile bare;

  /**
   * What is known of a published index before its metadata is read again.
   *
   * @param metadataChecksum of all that the metadata says, the file's checksums included
   */
  private record Build(
      String name, String metadataChecksum, String metric, int dimension, String idType)
      implements Serializable {

    static Build of(IndexMetadata metadata) {
      return new Build(
          metadata.build(),
          metadata.checksum(),
          metadata.metric(),
          metadata.dimension(),
          metadata.ids().type());
    }
  }

  /** Of {@code build} and {@code bare}, one is null. */
  private IndexAddress(FileStatus status, Build build, BareFile bare) {
    this.file = status.getPath().toString();
    this.lengthBytes = status.getLen();
    this.modificationTime = status.getModificationTime();
    this.build = build;
    this.bare = bare;
  }

  /**
   * Resolves an index directory, or a bare file if {@code bare} is given.
   *
   * @param bare metric and dimension of a bare file, or null; for a directory they must agree with
   *     its metadata
   * @throws FileNotFoundException if there is no such path, or no index in it
   * @throws IllegalArgumentException if the path is a file and {@code bare} is null or no metric,
   *     or if it contradicts the metadata
   * @throws CorruptIndexException if a bare file is no sequence of such nodes
   */
  public static IndexAddress resolve(String uri, BareFile bare, Configuration conf)
      throws IOException {
    return UnreachableException.naming("index", uri, () -> find(uri, bare, conf));
  }

  private static IndexAddress find(String uri, BareFile bare, Configuration conf)
      throws IOException {
    Path path = new Path(uri);
    FileSystem fs = path.getFileSystem(conf);
    if (fs.exists(path) && fs.getFileStatus(path).isFile()) {
      return resolveFile(fs.getFileStatus(path), bare);
    }
    IndexDirectory directory = new IndexDirectory(uri, conf);
    IndexMetadata metadata = directory.readMetadata();
    checkAgrees(directory.path(), metadata, bare);
    Path file = new Path(directory.path(), metadata.file().name());
    if (!fs.exists(file)) {
      throw new FileNotFoundException(
          file + ": no such file, though " + directory.metadataFile() + " names it");
    }
    FileStatus status = fs.getFileStatus(file);
    metadata.file().checkLength(file.toString(), status.getLen());
    return new IndexAddress(status, Build.of(metadata), null);
  }

  private static IndexAddress resolveFile(FileStatus status, BareFile bare) {
    if (bare == null) {
      throw new IllegalArgumentException(
          status.getPath()
              + ": a bare Annoy file does not tell its metric and dimension: give"
              + " both, or the directory of an index");
    }
    NodeStore.checkLength(status.getPath().toString(), bare.toMetric().layout(), status.getLen());
    return new IndexAddress(status, null, bare);
  }

  private static void checkAgrees(Path where, IndexMetadata metadata, BareFile bare) {
    if (bare != null
        && !(bare.metric().equals(metadata.metric()) && bare.dimension() == metadata.dimension())) {
      throw new IllegalArgumentException(
          where
              + ": expected "
              + bare.metric()
              + " of dimension "
              + bare.dimension()
              + ", as given, found "
              + metadata.metric()
              + " of dimension "
              + metadata.dimension());
    }
  }

  /** The Annoy file. */
  public Path file() {
    return new Path(file);
  }

  /** What holds the Annoy file; of a published index, what {@link #resolve} takes. */
  public String directory() {
    return file().getParent().toString();
  }

  /**
   * Reads the metadata of the build that was resolved, also if another one is in force by now.
   *
   * @return null for a bare file
   * @throws FileNotFoundException if the build has been removed
   * @throws CorruptIndexException if the metadata is not what it was
   */
  public IndexMetadata readMetadata(Configuration conf) throws IOException {
    if (build == null) {
      return null;
    }
    IndexDirectory directory = new IndexDirectory(directory(), conf);
    IndexMetadata metadata = directory.readMetadata(build.name());
    if (!metadata.checksum().equals(build.metadataChecksum())) {
      throw new CorruptIndexException(
          directory.path().toString(),
          "CRC32C of the metadata of build " + build.name(),
          build.metadataChecksum(),
          metadata.checksum());
    }
    return metadata;
  }

  /** Metric and dimension of a bare file, or null. */
  BareFile bare() {
    return bare;
  }

  /** What a copy of a bare file is checked against. */
  IndexFile expectedBareFile() {
    return new IndexFile(
        file().getName(), lengthBytes, ChunkChecksums.DEFAULT_CHUNK_BYTES, List.of());
  }

  /** Tells apart what has stood under the file's name; a published file never changes. */
  String version() {
    return build == null ? "modified " + modificationTime : build.name();
  }

  /** Whether it is an Annoy file without metadata. */
  public boolean isBareFile() {
    return bare != null;
  }

  /** Of the Annoy file. */
  public long lengthBytes() {
    return lengthBytes;
  }

  /** One of {@link Metric#NAMES}. */
  public String metric() {
    return build == null ? bare.metric() : build.metric();
  }

  /** Floats of a vector; bits for hamming. */
  public int dimension() {
    return build == null ? bare.dimension() : build.dimension();
  }

  /** int, long or string. */
  public String idType() {
    return build == null ? "int" : build.idType();
  }

  /** Distinguishes builds. */
  String key() {
    return String.join(
        "\n",
        file,
        Long.toString(lengthBytes),
        Long.toString(modificationTime),
        build == null ? bare.toString() : build.toString());
  }

  /** Whether the same build is meant. */
  @Override
  public boolean equals(Object other) {
    return other instanceof IndexAddress address && key().equals(address.key());
  }

  @Override
  public int hashCode() {
    return key().hashCode();
  }

  @Override
  public String toString() {
    return file;
  }
}
