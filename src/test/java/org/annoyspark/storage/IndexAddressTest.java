package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.IndexMetadata;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tasks are told of an index, and what they find by it. */
class IndexAddressTest {

  private static final int NODE_BYTES = 4000;
  private static final int CHUNK_NODES = 2000;

  @TempDir Path temporary;
  private final Configuration conf = new Configuration();

  /** The file has holes, so it takes no room. */
  @Test
  void whatTasksAreSentDoesNotGrowWithTheIndex() throws IOException {
    publish("small", metadata("a", 1));
    publish("large", metadata("a", 20_000));
    int small = serializedBytes(resolve("small"));
    assertEquals(small, serializedBytes(resolve("large")));
    assertTrue(small < 1000, small + " bytes");
  }

  private static int serializedBytes(IndexAddress address) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(address);
    }
    return bytes.size();
  }

  @Test
  void theMetadataOfAReplacedBuildIsStillFound() throws IOException {
    IndexMetadata first = metadata("a", 3);
    publish("index", first);
    IndexAddress resolved = resolve("index");
    publish("index", metadata("b", 4));
    assertEquals(first, resolved.readMetadata(conf));
    assertEquals(metadata("b", 4), resolve("index").readMetadata(conf));
  }

  /** It published the commit point alone. */
  @Test
  void theSameOfABuildThatAnEarlierVersionPublished() throws IOException {
    IndexMetadata first = metadata("a", 3);
    publish("index", first);
    Files.delete(temporary.resolve("index/metadata-a.json"));
    IndexAddress resolved = resolve("index");
    assertEquals(first, resolved.readMetadata(conf));
    publish("index", metadata("b", 4));
    assertEquals(first, resolved.readMetadata(conf));
  }

  @Test
  void aBuildThatHasBeenRemovedIsNamed() throws IOException {
    publish("index", metadata("a", 3));
    IndexAddress resolved = resolve("index");
    IndexDirectory directory = publish("index", metadata("b", 4));
    directory.removeBuild("a");
    var e = assertThrows(FileNotFoundException.class, () -> resolved.readMetadata(conf));
    assertEquals(
        "file:"
            + temporary.resolve("index")
            + ": expected build a, found build b; builds published since have removed it",
        e.getMessage());
  }

  @Test
  void metadataThatHasChangedIsRefused() throws IOException {
    IndexMetadata metadata = metadata("a", 3);
    publish("index", metadata);
    IndexAddress resolved = resolve("index");
    IndexMetadata changed = metadata.replacing("z");
    Files.writeString(temporary.resolve("index/metadata-a.json"), changed.toJson());
    var e = assertThrows(CorruptIndexException.class, () -> resolved.readMetadata(conf));
    assertEquals(
        "file:"
            + temporary.resolve("index")
            + ": CRC32C of the metadata of build a: expected "
            + metadata.checksum()
            + ", found "
            + changed.checksum(),
        e.getMessage());
  }

  private IndexAddress resolve(String index) throws IOException {
    return IndexAddress.resolve(temporary.resolve(index).toString(), null, conf);
  }

  private static IndexMetadata metadata(String build, int chunks) {
    int nodes = chunks * CHUNK_NODES;
    return new IndexMetadata(
        1,
        build,
        "euclidean",
        998,
        null,
        nodes - 2,
        0,
        1,
        nodes,
        NODE_BYTES,
        42,
        null,
        new IndexMetadata.Ids(false, "int", null),
        new IndexMetadata.IndexFile(
            "index-" + build + ".ann",
            (long) nodes * NODE_BYTES,
            CHUNK_NODES * NODE_BYTES,
            Collections.nCopies(chunks, "00000000")),
        "a test",
        Map.of("trees", "1"),
        null);
  }

  /** As a build does it. */
  private IndexDirectory publish(String name, IndexMetadata metadata) throws IOException {
    IndexDirectory directory = new IndexDirectory(temporary.resolve(name).toString(), conf);
    Path staging = Files.createDirectories(temporary.resolve(name).resolve("_staging-x"));
    try (RandomAccessFile file =
        new RandomAccessFile(
            temporary.resolve(name).resolve(metadata.file().name()).toFile(), "rw")) {
      file.setLength(metadata.file().lengthBytes());
    }
    var stagingPath = new org.apache.hadoop.fs.Path(staging.toUri());
    if (directory.isIndex()) {
      directory.keepMetadata(directory.readMetadata(), stagingPath);
    }
    directory.keepMetadata(metadata, stagingPath);
    directory.commit(metadata, stagingPath, true);
    Files.delete(staging);
    return directory;
  }
}
