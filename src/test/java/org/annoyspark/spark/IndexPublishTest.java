package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.TreeCount;
import org.annoyspark.storage.IndexAddress;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in the output directory: a whole index, or what stood there before. */
class IndexPublishTest {

  private static final float[][] VECTORS = TestSpark.vectors(100, 4, 11);
  private static final List<String> WORDS =
      IntStream.range(0, 100).mapToObj(i -> "word " + i).toList();

  /** Static, for the tasks of a local session to see it. */
  private static final AtomicBoolean FEATURES_FAIL = new AtomicBoolean();

  @TempDir Path temporary;
  private Path index;

  @BeforeEach
  void nameTheIndex() {
    FEATURES_FAIL.set(false);
    index = temporary.resolve("index");
  }

  @Test
  void nothingButTheIndexIsLeft() throws IOException {
    IndexMetadata metadata = build(1).metadata();
    assertEquals(filesOf(metadata), TestSpark.names(index));
    for (String name : TestSpark.names(index.resolve(metadata.ids().directory()))) {
      assertTrue(name.equals("_SUCCESS") || name.endsWith(".parquet"), name);
    }
  }

  @Test
  void overwritingKeepsThePreviousBuildAndRemovesTheOneBefore() throws IOException {
    IndexMetadata first = build(1).metadata();
    IndexMetadata second = build(2).metadata();
    assertEquals(filesOf(first, second), TestSpark.names(index));
    IndexMetadata third = build(3).metadata();
    assertEquals(filesOf(second, third), TestSpark.names(index));
    assertEquals(
        third, IndexMetadata.parse("", Files.readAllBytes(index.resolve("metadata.json"))));
    assertEquals(100, AnnoyIndex.open(index).items());
  }

  /** Checksums beside the file, of what it said before. */
  @Test
  void anIndexThatHadoopHasCopiedIsReplaced() throws IOException {
    build(1);
    FileSystem fs = FileSystem.newInstanceLocal(new Configuration());
    org.apache.hadoop.fs.Path metadata =
        new org.apache.hadoop.fs.Path(index.resolve("metadata.json").toUri());
    byte[] bytes = Files.readAllBytes(index.resolve("metadata.json"));
    try (var out = fs.create(metadata, true)) {
      out.write(bytes);
    }
    assertTrue(Files.exists(index.resolve(".metadata.json.crc")));
    IndexMetadata second = build(2).metadata();
    IndexAddress address = IndexAddress.resolve(index.toString(), null, new Configuration());
    assertEquals(second.file().name(), address.file().getName());
  }

  @Test
  void anIndexIsNotReplacedUnasked() throws IOException {
    build(1);
    List<String> before = TestSpark.names(index);
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new IndexBuild().run(TestSpark.items(WORDS, VECTORS), index.toString()));
    assertEquals(
        "output file:" + index + ": exists already; --overwrite replaces the index that is there",
        e.getMessage());
    assertEquals(before, TestSpark.names(index));
  }

  @Test
  void whatIsNoIndexIsNotReplacedEvenIfAsked() throws IOException {
    Files.createDirectories(index);
    Files.writeString(index.resolve("thesis.txt"), "no copy of it anywhere");
    var e = assertThrows(IllegalArgumentException.class, () -> build(1));
    assertEquals(
        "output file:"
            + index
            + ": expected an index, an empty directory or nothing, found a directory with other"
            + " files, which is left alone",
        e.getMessage());
    assertEquals(List.of("thesis.txt"), TestSpark.names(index));
  }

  /** Found out before the work, not after it. */
  @Test
  void damagedMetadataIsNotReplaced() throws IOException {
    build(1);
    Files.writeString(index.resolve("metadata.json"), "{");
    List<String> before = TestSpark.names(index);
    List<String> progress = new ArrayList<>();
    var e =
        assertThrows(
            CorruptIndexException.class,
            () ->
                new IndexBuild()
                    .overwrite(true)
                    .progress(progress::add)
                    .run(TestSpark.items(WORDS, VECTORS), index.toString()));
    assertTrue(e.getMessage().contains("not the metadata of an index"), e.getMessage());
    assertEquals(List.of(), progress);
    assertEquals(before, TestSpark.names(index));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ids", "items", "trees", "merge"})
  void aFailureAfterAnyStageLeavesNothing(String stage) throws IOException {
    var e = assertThrows(IllegalStateException.class, () -> buildFailingAfter(stage));
    assertEquals("after " + stage, e.getMessage());
    assertFalse(Files.exists(index));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ids", "items", "trees", "merge"})
  void aFailureLeavesThePublishedBuildAsItWas(String stage) throws IOException {
    IndexMetadata first = build(1).metadata();
    assertThrows(IllegalStateException.class, () -> buildFailingAfter(stage));
    assertEquals(filesOf(first), TestSpark.names(index));
    assertEquals(100, AnnoyIndex.open(index).items());
  }

  /** The rows are read again after the check; here they then fail in a task. */
  @Test
  void aFailureInATaskLeavesNothing() throws IOException {
    UDF1<Object, Object> failing =
        vector -> {
          if (FEATURES_FAIL.get()) {
            throw new IllegalStateException("the features are gone");
          }
          return vector;
        };
    for (List<?> ids : List.of(TestSpark.numbers(100), WORDS)) {
      FEATURES_FAIL.set(false);
      Dataset<Row> items =
          TestSpark.items(ids, VECTORS)
              .repartition(2) // or the optimizer calls the function once for all
              .withColumn(
                  "features",
                  functions
                      .udf(failing, DataTypes.createArrayType(DataTypes.FloatType))
                      .apply(functions.col("features")));
      var e =
          assertThrows(
              SparkException.class,
              () ->
                  new IndexBuild()
                      .progress(line -> FEATURES_FAIL.set(true))
                      .run(items, index.toString()));
      assertTrue(e.getMessage().contains("the features are gone"), e.getMessage());
      assertFalse(Files.exists(index));
    }
  }

  /** Spark's exception for a failed task is a checked one that it does not declare. */
  @Test
  void aTaskThatFailsOverStagedFilesLeavesNothing() {
    assertThrows(
        SparkException.class,
        () ->
            new IndexBuild()
                .progress(line -> loseStagedFiles(line.startsWith("items")))
                .run(TestSpark.items(WORDS, VECTORS), index.toString()));
    assertFalse(Files.exists(index));
  }

  /** Its checksums are those of the sound bytes, and the file's must not be of others. */
  @ParameterizedTest
  @ValueSource(strings = {"items-", "tree-"})
  void aPieceDamagedBeforeTheMergeIsNotPublished(String piece) {
    var e =
        assertThrows(
            SparkException.class,
            () ->
                new IndexBuild()
                    .progress(line -> flipAByte(line.startsWith("trees"), piece))
                    .run(TestSpark.items(WORDS, VECTORS), index.toString()));
    assertTrue(e.getMessage().contains("CorruptIndexException: file:" + index), e.getMessage());
    assertTrue(e.getMessage().contains(": CRC32C of bytes 0 to "), e.getMessage());
    assertFalse(Files.exists(index));
  }

  private void flipAByte(boolean flip, String piece) {
    if (flip) {
      try (Stream<Path> files = Files.walk(index)) {
        for (Path file : files.filter(f -> f.getFileName().toString().startsWith(piece)).toList()) {
          if (!file.toString().endsWith(".done")) {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void loseStagedFiles(boolean lose) {
    if (lose) {
      try (Stream<Path> files = Files.walk(index)) {
        for (Path file :
            files.filter(f -> f.getFileName().toString().startsWith("items")).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void buildFailingAfter(String stage) throws IOException {
    new IndexBuild()
        .overwrite(true)
        .progress(
            line -> {
              if (line.startsWith(stage)) {
                throw new IllegalStateException("after " + stage);
              }
            })
        .run(TestSpark.items(WORDS, VECTORS), index.toString());
  }

  private IndexBuild.Report build(long seed) throws IOException {
    return new IndexBuild()
        .trees(TreeCount.of(2))
        .seed(seed)
        .overwrite(true)
        .run(TestSpark.items(WORDS, VECTORS), index.toString());
  }

  private static List<String> filesOf(IndexMetadata... builds) {
    List<String> names = new ArrayList<>(List.of("metadata.json"));
    for (IndexMetadata build : builds) {
      names.addAll(
          List.of(
              build.file().name(), build.ids().directory(), "metadata-" + build.build() + ".json"));
    }
    return names.stream().sorted().toList();
  }
}
