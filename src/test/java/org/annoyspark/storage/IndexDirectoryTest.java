package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.spark.TestSpark;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A directory on a local disk, on a file system that is not, and on a view of the disk. */
class IndexDirectoryTest {

  @TempDir Path temporary;
  private Path path;

  @BeforeEach
  void namePath() {
    path = temporary.resolve("index");
  }

  private IndexDirectory directory(String scheme) throws IOException {
    Configuration conf = FaultyFileSystem.register(new Configuration());
    conf.set(FaultyFileSystem.UNDELETABLE_KEY, "metadata.json");
    conf.setBoolean("fs.viewfs.impl.disable.cache", true);
    conf.set("fs.viewfs.mounttable.view.link./mnt", temporary.toUri().toString());
    return new IndexDirectory(
        scheme.equals("viewfs") ? "viewfs://view/mnt/index" : scheme + ":" + path, conf);
  }

  static IndexMetadata metadata(String build) {
    return new IndexMetadata(
        1,
        build,
        "angular",
        2,
        null,
        3,
        0,
        1,
        5,
        20,
        42,
        null,
        new IndexMetadata.Ids(false, "int", null),
        new IndexMetadata.IndexFile("index-" + build + ".ann", 100, 64, List.of("0", "1")),
        "a test",
        Map.of(),
        null);
  }

  static void commit(IndexDirectory directory, IndexMetadata metadata, boolean replace)
      throws IOException {
    org.apache.hadoop.fs.Path staging =
        new org.apache.hadoop.fs.Path(directory.path(), "_staging-" + metadata.build());
    directory.fs().mkdirs(staging);
    try {
      directory.commit(metadata, staging, replace);
    } finally {
      directory.fs().delete(staging, true);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "faulty", "viewfs"})
  void aCommitReplacesTheLastAndLeavesNothingElse(String scheme) throws IOException {
    Files.createDirectories(path);
    IndexDirectory directory = directory(scheme);
    assertFalse(directory.isIndex());
    for (String build : List.of("a", "b")) {
      commit(directory, metadata(build), true);
      assertEquals(metadata(build), directory.readMetadata());
      assertEquals(List.of("metadata.json"), TestSpark.names(path));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "faulty"})
  void aBuildIsRemovedAndNothingElse(String scheme) throws IOException {
    for (String build : List.of("1", "2")) {
      Files.createDirectories(path.resolve("ids-" + build + ".parquet").resolve("part"));
      Files.writeString(path.resolve("index-" + build + ".ann"), "");
      Files.writeString(path.resolve("metadata-" + build + ".json"), "");
    }
    Files.writeString(path.resolve("README"), "");
    directory(scheme).removeBuild("1");
    assertEquals(
        List.of("README", "ids-2.parquet", "index-2.ann", "metadata-2.json"),
        TestSpark.names(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "faulty", "viewfs"})
  void aCommitDoesNotReplaceUnasked(String scheme) throws IOException {
    Files.createDirectories(path);
    IndexDirectory directory = directory(scheme);
    commit(directory, metadata("a"), false);
    assertThrows(IllegalArgumentException.class, () -> commit(directory, metadata("b"), false));
    assertEquals(metadata("a"), directory.readMetadata());
    assertEquals(List.of("metadata.json"), TestSpark.names(path));
  }

  @Test
  void whatIsWritable() throws IOException {
    IndexDirectory directory = directory("file");
    directory.checkWritable(false);
    Files.createDirectories(path);
    directory.checkWritable(false);
    String killed = "20260102T030405678Z-0123abcd";
    Files.createDirectories(path.resolve("_staging-" + killed));
    Files.writeString(path.resolve("index-" + killed + ".ann"), "complete, but not committed");
    Files.writeString(path.resolve("metadata-" + killed + ".json"), "{}");
    directory.checkWritable(false);
    Files.delete(path.resolve("_staging-" + killed));
    directory.checkWritable(false);
    commit(directory, metadata("a"), true);
    directory.checkWritable(true);
    assertThrows(IllegalArgumentException.class, () -> directory.checkWritable(false));
    assertEquals(
        List.of("index-" + killed + ".ann", "metadata-" + killed + ".json", "metadata.json"),
        TestSpark.names(path));
  }

  @Test
  void buildsThatNobodyNeedsAreOutdated() throws IOException {
    List<String> builds =
        IntStream.range(0, 5).mapToObj(i -> "20260102T03040567" + i + "Z-0123abcd").toList();
    for (String build : builds) {
      Files.createDirectories(path.resolve("ids-" + build + ".parquet"));
      Files.writeString(path.resolve("index-" + build + ".ann"), "");
    }
    Files.createDirectories(path.resolve("_staging-" + builds.get(2)));
    Files.writeString(path.resolve("index-of-my-own.ann"), "");
    IndexDirectory directory = directory("faulty");
    commit(directory, metadata(builds.get(4)).replacing(builds.get(3)), true);
    directory.removeOutdated();
    Set<String> left = new TreeSet<>(TestSpark.names(path));
    for (String build : builds.subList(2, 5)) {
      assertTrue(left.remove("ids-" + build + ".parquet"));
      assertTrue(left.remove("index-" + build + ".ann"));
    }
    String staging = "_staging-" + builds.get(2);
    assertEquals(Set.of(staging, "index-of-my-own.ann", "metadata.json"), left);
  }
}
