package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.IndexVerifier;
import org.annoyspark.index.MemoryIndex;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.metric.Metric;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a build writes is what the algorithm makes of the same vectors in memory. */
class IndexBuildTest {

  private static final int TREES = 3;
  private static final float[][] VECTORS = TestSpark.vectors(500, 12, 7);

  /** Where tasks of this JVM find it. */
  private static final AtomicInteger CALLS = new AtomicInteger();

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"float", "double"})
  void arraysGiveTheSameBytes(String features) throws IOException {
    assertBytes(features);
  }

  @Tag("mllib")
  @ParameterizedTest
  @ValueSource(strings = {"dense", "sparse"})
  void vectorsOfMllibGiveTheSameBytes(String features) throws IOException {
    assertBytes(features);
  }

  private void assertBytes(String features) throws IOException {
    IndexBuild.Report report =
        new IndexBuild()
            .trees(TreeCount.of(TREES))
            .run(
                TestSpark.items(TestSpark.numbers(VECTORS.length), VECTORS, features),
                directory.resolve("index").toString());
    Metric metric = Metric.of("angular", 12, DotLayout.RELEASED);
    assertArrayEquals(
        MemoryIndex.file(metric, VECTORS, TREES, 42), Files.readAllBytes(TestSpark.file(report)));
  }

  @ParameterizedTest
  @CsvSource({
    "angular, 1.17, 0",
    "euclidean, 1.17, 0",
    "manhattan, 1.17, 0",
    "dot, 1.17, 0",
    "dot, 1.17, 100",
    "dot, main, 0",
    "dot, main, 62.5",
    "hamming, 1.17, 0"
  })
  void everyMetricIsSoundAndDescribed(String name, String dotLayout, double percent)
      throws IOException {
    DotNormCap cap = percent == 0 ? DotNormCap.auto() : DotNormCap.ofPercent(percent);
    Path index = directory.resolve("index");
    IndexBuild.Report report =
        new IndexBuild()
            .metric(name)
            .trees(TreeCount.of(TREES))
            .seed(7)
            .dotLayout(DotLayout.ofLabel(dotLayout))
            .dotNormCap(cap)
            .run(
                TestSpark.items(TestSpark.numbers(VECTORS.length), VECTORS),
                index.toUri().toString());

    Metric metric = Metric.of(name, 12, DotLayout.ofLabel(dotLayout));
    byte[] file = Files.readAllBytes(TestSpark.file(report));
    assertArrayEquals(MemoryIndex.file(metric, VECTORS, cap, TREES, 7), file);
    AnnoyIndex opened = AnnoyIndex.open(index);
    assertEquals(List.of(), IndexVerifier.verify(opened, 10));
    assertEquals(metric.toString(), opened.metric().toString());
    assertMetadata(report.metadata(), metric, file.length);
    assertEquals(
        name.equals("dot")
            ? Map.of(
                "trees", "3", "dotNormCap", percent == 0 ? "auto" : percent == 100 ? "100" : "62.5")
            : Map.of("trees", "3"),
        report.metadata().parameters());
    assertEquals(
        report.metadata(),
        IndexMetadata.parse("", Files.readAllBytes(index.resolve("metadata.json"))));
  }

  private static void assertMetadata(IndexMetadata metadata, Metric metric, long lengthBytes) {
    assertEquals(metric.name(), metadata.metric());
    assertEquals(12, metadata.dimension());
    assertEquals(metric.dotLayoutLabel(), metadata.dotLayout());
    assertEquals(VECTORS.length, metadata.items());
    assertEquals(0, metadata.holes());
    assertEquals(TREES, metadata.trees());
    assertEquals(metric.layout().nodeBytes(), metadata.nodeBytes());
    assertEquals(lengthBytes / metric.layout().nodeBytes(), metadata.nodes());
    assertEquals(7, metadata.seed());
    assertEquals("index-" + metadata.build() + ".ann", metadata.file().name());
    assertEquals(lengthBytes, metadata.file().lengthBytes());
    assertEquals("annoy-spark " + Version.NAME, metadata.createdBy());
    assertEquals(new IndexMetadata.Ids(false, "int", null), metadata.ids());
    assertNull(metadata.ids().directory());
  }

  /** Items of another cap are other items: a build must not resume with them. */
  @Test
  void theNormCapIsPartOfWhatIsResumed() throws IOException {
    Path index = directory.resolve("index");
    StringBuilder identity = new StringBuilder();
    new IndexBuild()
        .metric("dot")
        .dotNormCap(DotNormCap.ofPercent(62.5))
        .trees(TreeCount.of(1))
        .progress(
            line -> {
              if (line.startsWith("items")) {
                identity.append(identityOfRunningBuild(index));
              }
            })
        .run(TestSpark.items(TestSpark.numbers(VECTORS.length), VECTORS), index.toUri().toString());
    assertTrue(
        identity.toString().contains("metric dot (layout 1.17), dimension 12, norm cap 62.5\n"),
        identity.toString());
  }

  private static String identityOfRunningBuild(Path index) {
    try {
      String staging =
          TestSpark.names(index).stream().filter(n -> n.startsWith("_staging-")).findFirst().get();
      return Files.readString(index.resolve(staging).resolve("build.txt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void columnsMayHaveOtherNames() throws IOException {
    IndexBuild.Report report =
        new IndexBuild()
            .idColumn("my.key")
            .featuresColumn("my vector")
            .trees(TreeCount.of(TREES))
            .run(
                TestSpark.items(TestSpark.numbers(VECTORS.length), VECTORS)
                    .toDF("my.key", "my vector"),
                directory.resolve("index").toString());
    Metric metric = Metric.of("angular", 12, DotLayout.RELEASED);
    assertArrayEquals(
        MemoryIndex.file(metric, VECTORS, TREES, 42), Files.readAllBytes(TestSpark.file(report)));
  }

  @Test
  void aSingleItemIsAnIndex() throws IOException {
    Path index = directory.resolve("index");
    TestSpark.session().sparkContext().setJobDescription("the caller's");
    new IndexBuild()
        .run(TestSpark.items(List.of(0), new float[][] {{1, 2}}), index.toUri().toString());
    // What the caller has run next is not the build's any more.
    assertEquals(
        "the caller's",
        TestSpark.session().sparkContext().getLocalProperty("spark.job.description"));
    TestSpark.session().sparkContext().setJobDescription(null);
    AnnoyIndex opened = AnnoyIndex.open(index);
    assertEquals(List.of(), IndexVerifier.verify(opened, 10));
    assertArrayEquals(new int[] {0}, opened.nearestToItem(0, 5, -1).items());
  }

  /** Items of 3,000 floats fill a piece of the stage at 1,024 nodes. */
  @Test
  void itemsInSeveralPieces() throws IOException {
    float[][] vectors = TestSpark.vectors(1100, 3000, 3);
    vectors[1023] = null;
    List<Integer> ids = TestSpark.numbers(1100).stream().filter(i -> i != 1023).toList();
    float[][] present = ids.stream().map(i -> vectors[i]).toArray(float[][]::new);
    IndexBuild.Report report =
        new IndexBuild()
            .trees(TreeCount.of(1))
            .run(TestSpark.items(ids, present), directory.resolve("index").toString());
    Metric metric = Metric.of("angular", 3000, DotLayout.RELEASED);
    assertArrayEquals(
        MemoryIndex.file(metric, vectors, 1, 42), Files.readAllBytes(TestSpark.file(report)));
  }

  @Test
  void mappedItemsInSeveralPieces() throws IOException {
    float[][] vectors = TestSpark.vectors(2100, 3000, 4);
    List<Integer> order = new ArrayList<>(TestSpark.numbers(2100));
    Collections.shuffle(order, new Random(4));
    List<Long> ids = order.stream().map(i -> (i - 700) * 10_000_000_000L).toList();
    float[][] shuffled = order.stream().map(i -> vectors[i]).toArray(float[][]::new);
    IndexBuild.Report report =
        new IndexBuild()
            .trees(TreeCount.of(1))
            .run(TestSpark.items(ids, shuffled), directory.resolve("index").toString());
    Metric metric = Metric.of("angular", 3000, DotLayout.RELEASED);
    assertArrayEquals(
        MemoryIndex.file(metric, vectors, 1, 42), Files.readAllBytes(TestSpark.file(report)));
  }

  /** Item 9 has another id each time that rows are read. */
  @ParameterizedTest
  @ValueSource(strings = {"again(id)", "cast(again(id) as bigint)"})
  void idsThatComeOutDifferentlyAreRefused(String id) throws IOException {
    Dataset<Row> rows = changing().selectExpr(id + " as id", "features");
    Path index = directory.resolve("index");
    InvalidInputException e =
        assertThrows(
            InvalidInputException.class,
            () -> new IndexBuild().trees(TreeCount.of(1)).run(rows, index.toString()));
    assertEquals(
        "input: expected the same ids each time that it is read, found others: either it is being"
            + " written to, or it is computed and comes out differently each time; write it to a"
            + " place of its own first",
        e.getMessage());
    assertEquals(List.of(), TestSpark.names(index));
  }

  /** As a mean of doubles does after a shuffle, in its last bits. */
  @Test
  void vectorsThatComeOutDifferentlyAreTold() throws IOException {
    List<String> progress = new ArrayList<>();
    Path index = directory.resolve("index");
    new IndexBuild()
        .trees(TreeCount.of(1))
        .progress(progress::add)
        .run(changing().selectExpr("id", "anew(features) as features"), index.toString());
    assertTrue(
        progress.contains(
            "note: vectors came out differently when they were read again; the same input may give"
                + " other bytes"),
        progress.toString());
    assertEquals(List.of(), IndexVerifier.verify(AnnoyIndex.open(index), 10));
  }

  private static Dataset<Row> changing() {
    UDF1<Integer, Integer> again = i -> i == 9 ? VECTORS.length + CALLS.incrementAndGet() : i;
    UDF1<Object, float[]> anew = vector -> new float[] {1, CALLS.incrementAndGet()};
    register("again", functions.udf(again, DataTypes.IntegerType));
    register("anew", functions.udf(anew, DataTypes.createArrayType(DataTypes.FloatType)));
    // In two tasks, or the optimizer computes the rows, once and for all.
    return TestSpark.items(TestSpark.numbers(VECTORS.length), VECTORS).repartition(2);
  }

  private static void register(String name, UserDefinedFunction function) {
    TestSpark.session().udf().register(name, function.asNondeterministic());
  }
}
