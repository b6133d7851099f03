package org.annoyspark.cluster;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.metric.Metric;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * An index whose only tree is one bucket with all items: it is made as fast as it can be written,
 * and every search that looks at enough candidates reads all of it. Ids are mapped.
 */
record BucketIndex(Path directory, IndexMetadata metadata) {

  private static final String METRIC = "euclidean";
  private static final MessageType IDS =
      MessageTypeParser.parseMessageType(
          "message ids { required int32 item; required binary id (STRING); }");

  /**
   * Writes it as a build publishes it.
   *
   * @param dimension at least as many as items, for the bucket to hold them
   * @param seed of the vectors
   */
  static BucketIndex write(Path directory, int items, int dimension, long seed) throws IOException {
    Files.createDirectories(directory);
    String build = "20260101T000000000Z-" + String.format("%08x", seed);
    Metric metric = Metric.of(METRIC, dimension, DotLayout.RELEASED);
    String name = "index-" + build + ".ann";
    IndexMetadata.IndexFile file = writeFile(directory.resolve(name), metric, items, seed);
    String idsName = "ids-" + build + ".parquet";
    writeIds(directory.resolve(idsName), items);
    IndexMetadata metadata =
        new IndexMetadata(
            IndexMetadata.FORMAT_VERSION,
            build,
            METRIC,
            dimension,
            null,
            items,
            0,
            1,
            items + 2,
            metric.layout().nodeBytes(),
            seed,
            null,
            new IndexMetadata.Ids(true, "string", idsName),
            file,
            "a test",
            Map.of(),
            null);
    for (String metadataName : new String[] {"metadata-" + build + ".json", "metadata.json"}) {
      Files.writeString(directory.resolve(metadataName), metadata.toJson());
    }
    return new BucketIndex(directory, metadata);
  }

  private static IndexMetadata.IndexFile writeFile(Path file, Metric metric, int items, long seed)
      throws IOException {
    ChunkChecksums checksums = new ChunkChecksums(ChunkChecksums.DEFAULT_CHUNK_BYTES);
    SplittableRandom random = new SplittableRandom(seed);
    float[] vector = new float[metric.dimension()];
    byte[] node = new byte[metric.layout().nodeBytes()];
    ByteBuffer buffer = ByteBuffer.wrap(node).order(ByteOrder.LITTLE_ENDIAN);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (int item = 0; item < items; item++) {
        for (int z = 0; z < vector.length; z++) {
          vector[z] = random.nextInt() * 0x1p-31f;
        }
        metric.writeItem(vector, 0, buffer);
        out.write(node);
        checksums.update(node, 0, node.length);
      }
      byte[] root = root(metric.layout(), items);
      for (int copy = 0; copy < 2; copy++) {
        out.write(root);
        checksums.update(root, 0, root.length);
      }
    }
    return new IndexMetadata.IndexFile(
        file.getFileName().toString(),
        (items + 2L) * node.length,
        ChunkChecksums.DEFAULT_CHUNK_BYTES,
        checksums.finish());
  }

  private static byte[] root(NodeLayout layout, int items) {
    ByteBuffer root = ByteBuffer.allocate(layout.nodeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    root.putInt(NodeLayout.DESCENDANTS_OFFSET_BYTES, items);
    for (int item = 0; item < items; item++) {
      root.putInt(layout.childOffsetBytes(item), item);
    }
    return root.array();
  }

  private static void writeIds(Path directory, int items) throws IOException {
    var part = new org.apache.hadoop.fs.Path(directory.resolve("part-0.parquet").toUri());
    Configuration conf = new Configuration();
    try (var writer =
        ExampleParquetWriter.builder(HadoopOutputFile.fromPath(part, conf)).withType(IDS).build()) {
      for (int item = 0; item < items; item++) {
        writer.write(new SimpleGroup(IDS).append("item", item).append("id", id(item)));
      }
    }
  }

  /** The id of an item. */
  static String id(int item) {
    return String.format("item %05d", item);
  }

  long fileBytes() {
    return metadata.file().lengthBytes();
  }

  Path file() {
    return directory.resolve(metadata.file().name());
  }
}
