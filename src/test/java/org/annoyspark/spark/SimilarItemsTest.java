package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.GoldenCase;
import org.annoyspark.index.TreeCount;
import org.annoyspark.storage.IndexAddress;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index joined with itself answers as if its items were asked for from outside. */
class SimilarItemsTest {

  private static final int COUNT = 300;
  private static final int K = 4;
  private static final float[][] VECTORS = TestSpark.vectors(COUNT, 6, 31);
  private static final List<String> IDS =
      IntStream.range(0, COUNT).mapToObj(i -> String.format("item %03d", i)).toList();

  @TempDir static Path directory;
  private static String index;

  @BeforeAll
  static void build() throws IOException {
    index = directory.resolve("index").toString();
    new IndexBuild()
        .metric("euclidean")
        .trees(TreeCount.of(3))
        .run(TestSpark.items(IDS, VECTORS), index);
  }

  @Test
  void theSameAsAJoinOfTheItems() throws IOException {
    SparkSession session = TestSpark.session();
    Dataset<Row> items = TestSpark.items(IDS, VECTORS);
    for (KnnJoin join :
        List.of(new KnnJoin(K), new KnnJoin(K).searchK(40), new KnnJoin(K).maxDistance(1.5f))) {
      Dataset<Row> found = join.similarItems(session, index);
      assertEquals(List.of("id", "neighbors"), List.of(found.columns()));
      List<Row> expected =
          join.excludeSelf(true).run(items, index).drop("features").orderBy("id").collectAsList();
      assertEquals(expected, found.orderBy("id").collectAsList());
    }
  }

  @Test
  void atAFullBudgetTheTrueNeighbors() throws IOException {
    List<Row> rows =
        new KnnJoin(K)
            .searchK(100_000)
            .similarItems(TestSpark.session(), index)
            .orderBy("id")
            .collectAsList();
    for (int item = 0; item < COUNT; item++) {
      int self = item;
      List<String> expected =
          IntStream.range(0, COUNT)
              .filter(other -> other != self)
              .boxed()
              .sorted(Comparator.comparingDouble(o -> squaredDistance(VECTORS[self], VECTORS[o])))
              .limit(K)
              .map(IDS::get)
              .toList();
      List<Row> neighbors = rows.get(item).getList(1);
      assertEquals(expected, neighbors.stream().map(n -> n.getString(0)).toList());
    }
  }

  private static double squaredDistance(float[] x, float[] y) {
    double sum = 0;
    for (int z = 0; z < x.length; z++) {
      sum += ((double) x[z] - y[z]) * (x[z] - y[z]);
    }
    return sum;
  }

  @Test
  void neitherTasksNorBatchesShow() throws IOException {
    Dataset<Row> similar = new KnnJoin(K).similarItems(TestSpark.session(), index);
    List<Row> expected = similar.collectAsList();
    // Spark must not take it for small enough to send it to all executors.
    assertTrue(similar.queryExecution().optimizedPlan().stats().sizeInBytes().toLong() > 1L << 40);
    Configuration conf = TestSpark.session().sessionState().newHadoopConf();
    IndexAddress address = IndexAddress.resolve(index, null, conf);
    conf.set("spark.annoy.join.batch.bytes", "9000");
    TaskConf taskConf =
        new TaskConf(JavaSparkContext.fromSparkContext(TestSpark.session().sparkContext()), conf);
    NeighborSearch search = new NeighborSearch(address, taskConf, K, -1, null, null);
    StructType schema = new KnnJoin(K).similarItems(TestSpark.session(), index).schema();
    for (int parts : new int[] {1, 7, COUNT + 1}) {
      List<Row> found =
          RowGenerator.select(
                  TestSpark.session().range(0, parts, 1, parts).toDF(),
                  part -> new ItemGenerator(search, parts, schema, part))
              .collectAsList();
      assertEquals(expected, found);
    }
  }

  @Test
  void aFileOfTheOriginalWithHoles() throws IOException {
    GoldenCase golden = GoldenCase.of("euclidean_f10_holes", "generic");
    List<Row> rows =
        new KnnJoin(1)
            .idColumn("item")
            .neighborsColumn("near")
            .checkFirst(true)
            .bareFile(new IndexAddress.BareFile("euclidean", 10, DotLayout.RELEASED))
            .similarItems(TestSpark.session(), golden.file().toString())
            .orderBy("item")
            .collectAsList();
    float[][] base = golden.base();
    assertEquals(base.length, rows.size());
    for (Row row : rows) {
      assertEquals(1, row.getList(row.fieldIndex("near")).size());
    }
  }

  @Test
  void faults() {
    SparkSession session = TestSpark.session();
    var columns =
        assertThrows(
            InvalidInputException.class,
            () -> new KnnJoin(1).neighborsColumn("id").similarItems(session, index));
    assertEquals(
        "column 'id': the join adds it, but the queries have one already", columns.getMessage());
    var missing =
        assertThrows(
            java.io.FileNotFoundException.class,
            () -> new KnnJoin(1).similarItems(session, directory + "/none"));
    assertEquals("file:" + directory + "/none: no such file or directory", missing.getMessage());
  }
}
