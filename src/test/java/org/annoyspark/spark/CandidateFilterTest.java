package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.annoyspark.index.TreeCount;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A join among some items, against comparing with all of these. */
class CandidateFilterTest {

  private static final int COUNT = 2000;
  private static final int QUERIES = 40;
  private static final int K = 10;
  private static final float[][] VECTORS = TestSpark.vectors(COUNT, 8, 51);
  private static final float[][] QUERY_VECTORS = TestSpark.vectors(QUERIES, 8, 52);

  @TempDir static Path directory;

  @BeforeAll
  static void build() throws IOException {
    for (String type : List.of("int", "string")) {
      new IndexBuild()
          .metric("euclidean")
          .trees(TreeCount.of(4))
          .run(TestSpark.items(ids(type), VECTORS), index(type));
    }
  }

  private static String index(String idType) {
    return directory.resolve(idType).toString();
  }

  private static Object id(String type, int item) {
    return type.equals("int") ? (Object) item : String.format("item %04d", item);
  }

  private static List<?> ids(String type) {
    return IntStream.range(0, COUNT).mapToObj(item -> id(type, item)).toList();
  }

  private static Dataset<Row> queries() {
    return TestSpark.items(TestSpark.numbers(QUERIES), QUERY_VECTORS);
  }

  /** Rows of an id, some of them twice, null, or unknown to the index. */
  private static Dataset<Row> allowed(String type, double share) {
    Dataset<Row> rows =
        TestSpark.items(ids(type), VECTORS)
            .select("id")
            .filter(
                functions
                    .pmod(functions.hash(functions.col("id")), functions.lit(10_000))
                    .lt(share * 10_000));
    Dataset<Row> others =
        TestSpark.session()
            .sql("SELECT CAST(NULL AS INT) id UNION ALL SELECT -1 UNION ALL SELECT 999999");
    return rows.union(rows.limit(3))
        .union(others.select(functions.col("id").cast(rows.schema().apply("id").dataType())))
        .repartition(4);
  }

  private static Set<Object> idsOf(Dataset<Row> rows) {
    Set<Object> ids = new HashSet<>();
    rows.collectAsList().forEach(row -> ids.add(row.get(0)));
    return ids;
  }

  private static List<Object> bruteForce(String type, float[] query, IntPredicate isAllowed) {
    return IntStream.range(0, COUNT)
        .filter(isAllowed)
        .boxed()
        .sorted(Comparator.comparingDouble(item -> squaredDistance(query, VECTORS[item])))
        .limit(K)
        .map(item -> id(type, item))
        .toList();
  }

  private static double squaredDistance(float[] x, float[] y) {
    double sum = 0;
    for (int z = 0; z < x.length; z++) {
      sum += ((double) x[z] - y[z]) * (x[z] - y[z]);
    }
    return sum;
  }

  private static List<List<Object>> found(Dataset<Row> joined) {
    List<List<Object>> found = new ArrayList<>();
    for (Row row : joined.orderBy("id").collectAsList()) {
      List<Row> neighbors = row.getList(row.fieldIndex("neighbors"));
      found.add(neighbors.stream().map(neighbor -> neighbor.get(0)).toList());
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource({"int, 0.01", "string, 0.01", "string, 0.5", "int, 0"})
  void atAFullBudgetTheNearestOfTheAllowed(String type, double share) throws IOException {
    Dataset<Row> allowed = allowed(type, share);
    Set<Object> allowedIds = idsOf(allowed);
    List<List<Object>> found =
        found(
            new KnnJoin(K)
                .searchK(Integer.MAX_VALUE)
                .candidateFilter(allowed)
                .run(queries(), index(type)));
    for (int q = 0; q < QUERIES; q++) {
      assertEquals(
          bruteForce(type, QUERY_VECTORS[q], item -> allowedIds.contains(id(type, item))),
          found.get(q));
    }
  }

  @Test
  void atASmallBudgetAllThatAreAskedForAndNoneThatIsNot() throws IOException {
    Dataset<Row> allowed = allowed("int", 0.05);
    Set<Object> allowedIds = idsOf(allowed);
    KnnJoin join = new KnnJoin(K).searchK(12).candidateFilter(allowed);
    int hits = 0;
    List<List<Object>> found = found(join.run(queries(), index("int")));
    for (int q = 0; q < QUERIES; q++) {
      assertEquals(K, found.get(q).size());
      assertTrue(allowedIds.containsAll(found.get(q)), "" + found.get(q));
      List<Object> expected = bruteForce("int", QUERY_VECTORS[q], allowedIds::contains);
      hits += (int) found.get(q).stream().filter(expected::contains).count();
    }
    assertTrue(hits > QUERIES * K / 2, hits + " of " + QUERIES * K);

    List<List<Object>> similar = found(join.similarItems(TestSpark.session(), index("int")));
    assertEquals(COUNT, similar.size());
    for (int item = 0; item < COUNT; item++) {
      assertEquals(K, similar.get(item).size());
      assertTrue(allowedIds.containsAll(similar.get(item)));
      assertTrue(!similar.get(item).contains(item));
    }
  }

  /** Every second query has lists, some of it with ids that are no items. */
  @Test
  void listsOfEachQuery() throws IOException {
    Dataset<Row> queries =
        queries()
            .selectExpr(
                "*",
                "IF(id % 2 = 0, transform(sequence(0, 1999, 3), x -> format_string('item %04d', x)),"
                    + " NULL) seen",
                "IF(id % 4 < 2, array('item 0001', 'item 0003', 'item 0007', NULL, 'none',"
                    + " 'item 0007'), NULL) own");
    List<List<Object>> excluded =
        found(
            new KnnJoin(K)
                .searchK(Integer.MAX_VALUE)
                .excludeColumn("seen")
                .run(queries, index("string")));
    List<List<Object>> both =
        found(
            new KnnJoin(K).excludeColumn("seen").allowColumn("own").run(queries, index("string")));
    for (int q = 0; q < QUERIES; q++) {
      boolean hasSeen = q % 2 == 0;
      IntPredicate isNew = item -> !hasSeen || item % 3 != 0;
      assertEquals(bruteForce("string", QUERY_VECTORS[q], isNew), excluded.get(q));
      if (q % 4 < 2) {
        Set<Integer> own = Set.of(1, 3, 7);
        assertEquals(bruteForce("string", QUERY_VECTORS[q], isNew.and(own::contains)), both.get(q));
      } else {
        assertEquals(K, both.get(q).size());
      }
    }
  }

  @Test
  void longListsMakeSmallBatchesAndDoNotShow() throws IOException {
    Dataset<Row> queries = queries().selectExpr("*", "sequence(0, 999) seen");
    KnnJoin join = new KnnJoin(K).excludeSelf(true).excludeColumn("seen");
    List<Row> expected = join.run(queries, index("int")).collectAsList();
    TestSpark.session().conf().set("spark.annoy.join.batch.bytes", "1000");
    try {
      assertEquals(expected, join.run(queries, index("int")).collectAsList());
    } finally {
      TestSpark.session().conf().unset("spark.annoy.join.batch.bytes");
    }
  }

  @Test
  void faultsAreNamedBeforeAnyWork() {
    Dataset<Row> queries = queries().selectExpr("*", "array(1.5D) scores");
    assertInvalid(
        "candidate filter: column 'id': expected among the input's columns, found only key int",
        () ->
            new KnnJoin(1)
                .candidateFilter(queries.selectExpr("id key"))
                .run(queries, index("int")));
    assertInvalid(
        "candidate filter: column 'id': expected ids like the index's, string, found int",
        () -> new KnnJoin(1).candidateFilter(queries).run(queries, index("string")));
    assertInvalid(
        "column 'scores': expected lists of ids like the index's, array<int> or array<bigint>,"
            + " found array<double>",
        () -> new KnnJoin(1).excludeColumn("scores").run(queries, index("int")));
    assertInvalid(
        "column 'id': expected lists of ids like the index's, array<string>, found int",
        () -> new KnnJoin(1).allowColumn("id").run(queries, index("string")));
    assertInvalid(
        "column 'own': expected among the input's columns, found only id int, features"
            + " array<float>, scores array<double>",
        () -> new KnnJoin(1).allowColumn("own").run(queries, index("int")));
    assertEquals(
        "column 'scores': expected no column of ids to allow or to exclude, for items of an index"
            + " have none",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new KnnJoin(1)
                        .excludeColumn("scores")
                        .similarItems(TestSpark.session(), index("int")))
            .getMessage());
  }

  private static void assertInvalid(String message, Executable join) {
    assertEquals(message, assertThrows(InvalidInputException.class, join).getMessage());
  }
}
