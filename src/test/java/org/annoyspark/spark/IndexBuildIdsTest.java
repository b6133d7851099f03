package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.index.MemoryIndex;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.IdTable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which ids become item numbers as they are, and how the others are numbered. */
class IndexBuildIdsTest {

  private static final int DIMENSION = 6;
  private static final int TREES = 2;

  @TempDir Path directory;

  @Test
  void intsWithSomeHolesAreKept() throws IOException {
    float[][] vectors = TestSpark.vectors(200, DIMENSION, 1);
    List<Integer> ids = IntStream.range(0, 200).map(i -> i * 3 / 2 + 1).boxed().toList();
    IndexMetadata metadata = build(ids, vectors);

    assertEquals(new IndexMetadata.Ids(false, "int", null), metadata.ids());
    assertEquals(ids.get(199) + 1, metadata.items());
    assertEquals(metadata.items() - 200, metadata.holes());
    float[][] withHoles = new float[metadata.items()][];
    for (int i = 0; i < 200; i++) {
      withHoles[ids.get(i)] = vectors[i];
    }
    assertBytes(withHoles, metadata);
    assertEquals(
        List.of(metadata.file().name(), "metadata-" + metadata.build() + ".json", "metadata.json"),
        TestSpark.names(directory.resolve("index")));
  }

  @Test
  void halfOfTheNumbersMayBeHoles() throws IOException {
    float[][] vectors = TestSpark.vectors(3, DIMENSION, 2);
    assertEquals(false, build(List.of(0, 1, 5), vectors).ids().mapped());
  }

  @Test
  void moreHolesThanItemsAreMapped() throws IOException {
    float[][] vectors = TestSpark.vectors(3, DIMENSION, 2);
    assertEquals(true, build(List.of(0, 1, 6), vectors).ids().mapped());
  }

  @Test
  void sparseIntsAreNumberedByValue() throws IOException {
    List<Integer> ids = IntStream.range(0, 200).map(i -> i * 10_000_000).boxed().toList();
    assertMapped("int", ids);
  }

  @Test
  void longsAreNumberedByValue() throws IOException {
    List<Long> ids = IntStream.range(0, 200).mapToObj(i -> (i - 100) * 1_000_000_000_000L).toList();
    assertMapped("long", ids);
  }

  @Test
  void stringsAreNumberedByTheirUtf8Bytes() throws IOException {
    List<String> ids = new ArrayList<>();
    IntStream.range(0, 100).forEach(i -> ids.add("word " + i));
    // The last two are the other way round in UTF-16, which is Java's own order.
    ids.addAll(List.of("", "Z", "z", "zoë", "zz", "ä", "€", "日本", "\uff21", "\ud83d\ude00"));
    ids.sort(
        (a, b) ->
            Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
    assertMapped("string", ids);
  }

  /** Builds from rows in another order than the ids'. */
  private void assertMapped(String type, List<?> ids) throws IOException {
    float[][] vectors = TestSpark.vectors(ids.size(), DIMENSION, 3);
    List<Integer> order = new ArrayList<>(TestSpark.numbers(ids.size()));
    Collections.shuffle(order, new Random(1));
    IndexMetadata metadata =
        build(
            order.stream().map(ids::get).toList(),
            order.stream().map(i -> vectors[i]).toArray(float[][]::new));

    String idsName = "ids-" + metadata.build() + ".parquet";
    assertEquals(new IndexMetadata.Ids(true, type, idsName), metadata.ids());
    assertEquals(ids.size(), metadata.items());
    assertEquals(0, metadata.holes());
    assertBytes(vectors, metadata);
    Path idsDirectory = directory.resolve("index").resolve(idsName);
    assertReadableByAnyone(ids, idsDirectory);
    IdTable table =
        IdTable.open(
            new org.apache.hadoop.fs.Path(idsDirectory.toUri()), metadata, new Configuration());
    for (int item = 0; item < ids.size(); item++) {
      assertEquals(ids.get(item), table.id(item));
      assertEquals(item, table.item(ids.get(item)).orElse(-1));
    }
  }

  @Test
  void columnsOfAnyName() throws IOException {
    float[][] vectors = TestSpark.vectors(20, DIMENSION, 1);
    Dataset<Row> items =
        TestSpark.items(TestSpark.numbers(20), vectors)
            .withColumnRenamed("id", "my.id `x`")
            .withColumnRenamed("features", "the features");
    IndexBuild.Report report =
        new IndexBuild()
            .metric("euclidean")
            .trees(TreeCount.of(TREES))
            .idColumn("my.id `x`")
            .featuresColumn("the features")
            .run(items, directory.resolve("index").toUri().toString());
    assertBytes(vectors, report.metadata());
  }

  private static void assertReadableByAnyone(List<?> ids, Path idsDirectory) {
    Dataset<Row> rows =
        TestSpark.session().read().parquet(idsDirectory.toUri().toString()).orderBy("item");
    List<Object> found = new ArrayList<>();
    for (Row row : rows.collectAsList()) {
      assertEquals(found.size(), row.<Integer>getAs("item"));
      found.add(row.getAs("id"));
    }
    assertEquals(ids, found);
  }

  private IndexMetadata build(List<?> ids, float[][] vectors) throws IOException {
    return new IndexBuild()
        .metric("euclidean")
        .trees(TreeCount.of(TREES))
        .run(
            TestSpark.items(ids, vectors).repartition(4),
            directory.resolve("index").toUri().toString())
        .metadata();
  }

  private void assertBytes(float[][] vectors, IndexMetadata metadata) throws IOException {
    Metric metric = Metric.of("euclidean", DIMENSION, DotLayout.RELEASED);
    assertArrayEquals(
        MemoryIndex.file(metric, vectors, TREES, 42),
        Files.readAllBytes(directory.resolve("index").resolve(metadata.file().name())));
  }
}
