package org.annoyspark.spark;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.MergePlan;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.StagedFile;
import org.annoyspark.storage.UnreachableException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A published index, and where in its file the items and trees stand.
 *
 * @param directory as it was named
 * @param file the whole file, which is read as a staged one is: no byte before it is checked
 */
record PublishedForest(
    String directory,
    IndexAddress address,
    IndexMetadata metadata,
    StagedFile file,
    MergePlan plan) {

  /**
   * Resolves an index directory and reads the roots.
   *
   * @throws IllegalArgumentException if it is a bare Annoy file: threads of Annoy's mix the nodes
   *     of their trees
   * @throws org.annoyspark.format.CorruptIndexException if they are not those of trees that fill
   *     the file
   */
  static PublishedForest open(String directory, Configuration conf) throws IOException {
    UnreachableException.naming("index", directory, () -> checkDirectory(directory, conf));
    IndexAddress address = IndexAddress.resolve(directory, null, conf);
    IndexMetadata metadata = address.readMetadata(conf);
    IndexMetadata.IndexFile expected = metadata.file();
    StagedFile file =
        new StagedFile(
            address.file().toString(),
            expected.lengthBytes(),
            expected.checksumChunkBytes(),
            expected.crc32c());
    return new PublishedForest(directory, address, metadata, file, readPlan(metadata, file, conf));
  }

  private static Void checkDirectory(String directory, Configuration conf) throws IOException {
    Path path = new Path(directory);
    FileSystem fs = path.getFileSystem(conf);
    if (fs.exists(path) && fs.getFileStatus(path).isFile()) {
      throw new IllegalArgumentException(
          directory
              + ": expected the directory of an index, found a file: an Annoy file alone does not"
              + " tell where its trees end");
    }
    return null;
  }

  private static MergePlan readPlan(IndexMetadata metadata, StagedFile file, Configuration conf)
      throws IOException {
    NodeLayout layout = AnnoyIndex.metricOf(file.path(), metadata).layout();
    int copyBytes = Math.toIntExact(layout.byteOffset(metadata.trees()));
    try (InputStream in = file.open(file.lengthBytes() - copyBytes, conf)) {
      byte[] copies = in.readNBytes(copyBytes);
      if (copies.length < copyBytes) {
        throw new EOFException(
            file.path() + ": expected " + copyBytes + " bytes of roots, found " + copies.length);
      }
      return MergePlan.ofFile(
          file.path(), layout, metadata.items(), metadata.nodes(), ByteBuffer.wrap(copies));
    }
  }

  MetricChoice metricChoice() {
    return new MetricChoice(
        metadata.metric(), metadata.dimension(), metadata.dotLayoutOrReleased());
  }

  /** Its mapping of ids, if they are mapped. */
  Path ids() {
    return new Path(file.toPath().getParent(), metadata.ids().directory());
  }
}
