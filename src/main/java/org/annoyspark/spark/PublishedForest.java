package org.annoyspark.spark;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.MergePlan;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.StagedFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A published index, and where in its file the items and trees stand.
 *
 * @param directory as it was named
 * @param file the whole file, which is read as a staged one is: no byte before it is checked
 */
record PublishedForest(String directory, IndexMetadata metadata, StagedFile file, MergePlan plan) {

  /**
   * Resolves an index directory and reads the roots.
   *
   * @throws org.annoyspark.format.CorruptIndexException if they are not those of trees that fill
   *     the file
   */
  static PublishedForest open(String directory, Configuration conf) throws IOException {
    IndexAddress address = IndexAddress.resolve(directory, null, conf);
    IndexMetadata metadata = address.readMetadata(conf);
    IndexMetadata.IndexFile expected = metadata.file();
    StagedFile file =
        new StagedFile(
            address.file().toString(),
            expected.lengthBytes(),
            expected.checksumChunkBytes(),
            expected.crc32c());
    return new PublishedForest(directory, metadata, file, readPlan(metadata, file, conf));
  }

  private static MergePlan readPlan(IndexMetadata metadata, StagedFile file, Configuration conf)
      throws IOException {
    NodeLayout layout = metricChoice(metadata).metric().layout();
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
    return metricChoice(metadata);
  }

  private static MetricChoice metricChoice(IndexMetadata metadata) {
    DotLayout dotLayout =
        metadata.dotLayout() == null ? DotLayout.RELEASED : DotLayout.ofLabel(metadata.dotLayout());
    return new MetricChoice(metadata.metric(), metadata.dimension(), dotLayout);
  }

  /** Its mapping of ids, if they are mapped. */
  Path ids() {
    return new Path(file.toPath().getParent(), metadata.ids().directory());
  }
}
