package org.annoyspark.spark.sql;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.KnnJoin;
import org.annoyspark.spark.TestSpark;
import org.annoyspark.storage.FaultyFileSystem;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The functions give what the join and the index give, wherever SQL allows them. */
class AnnoyFunctionsTest {

  private static final int COUNT = 60;
  private static final float[][] VECTORS = TestSpark.vectors(COUNT, 4, 9);

  private enum Ids {
    INT,
    LONG,
    STRING;

    Object of(int item) {
      return switch (this) {
        case INT -> item;
        case LONG -> item * 10_000_000_000L;
        case STRING -> String.format("Wort %03d", item);
      };
    }

    /** As SQL spells it. */
    String sql(int item) {
      return this == STRING ? "'" + of(item) + "'" : of(item) + (this == LONG ? "L" : "");
    }
  }

  @TempDir static Path directory;
  private static final Map<Ids, String> INDEXES = new EnumMap<>(Ids.class);

  @BeforeAll
  static void build() throws IOException {
    for (Ids ids : Ids.values()) {
      INDEXES.put(
          ids,
          new IndexBuild()
              .metric("euclidean")
              .trees(TreeCount.of(3))
              .run(items(ids), directory.resolve(ids.name()).toString())
              .uri());
    }
  }

  @BeforeEach
  void views() {
    for (Ids ids : Ids.values()) {
      // In two tasks: what is in memory, the optimizer computes by itself.
      items(ids).repartition(2).createOrReplaceTempView("items_" + ids);
    }
  }

  private static Dataset<Row> items(Ids ids) {
    return TestSpark.items(IntStream.range(0, COUNT).mapToObj(ids::of).toList(), VECTORS);
  }

  /** {@code INDEX} stands for the index's URI, {@code ITEMS} for the view of its items. */
  private static Dataset<Row> sql(Ids ids, String query) {
    return TestSpark.session()
        .sql(query.replace("INDEX", "'" + INDEXES.get(ids) + "'").replace("ITEMS", "items_" + ids));
  }

  private static AnnoyIndex opened(Ids ids) throws IOException {
    return AnnoyIndex.open(Path.of(URI.create(INDEXES.get(ids))));
  }

  @ParameterizedTest
  @EnumSource(Ids.class)
  void neighborsAreThoseOfTheJoin(Ids ids) throws IOException {
    for (int searchK : new int[] {-1, 7, 1000}) {
      Dataset<Row> expected = new KnnJoin(5).searchK(searchK).run(items(ids), INDEXES.get(ids));
      Dataset<Row> found =
          sql(
              ids,
              "SELECT *, annoy_neighbors(INDEX, features, 5, "
                  + searchK
                  + ") AS neighbors FROM ITEMS");
      assertEquals(expected.orderBy("id").collectAsList(), found.orderBy("id").collectAsList());
      assertEquals(
          expected.schema().apply("neighbors").dataType(),
          found.schema().apply("neighbors").dataType());
      assertEquals(
          found.select("id", "neighbors").orderBy("id").collectAsList(),
          sql(
                  ids,
                  "SELECT id, annoy_neighbors_by_id(INDEX, id, 5, "
                      + searchK
                      + ") FROM ITEMS"
                      + " ORDER BY id")
              .collectAsList());
    }
  }

  @ParameterizedTest
  @EnumSource(Ids.class)
  void vectorsAndDistancesAreTheIndexs(Ids ids) throws IOException {
    AnnoyIndex index = opened(ids);
    Row row =
        sql(
                ids,
                "SELECT annoy_vector(INDEX, "
                    + ids.sql(3)
                    + ") AS vector, annoy_distance(INDEX, "
                    + ids.sql(3)
                    + ", "
                    + ids.sql(8)
                    + ") AS distance")
            .first();
    List<Float> vector = row.getList(0);
    float[] floats = new float[vector.size()];
    IntStream.range(0, floats.length).forEach(z -> floats[z] = vector.get(z));
    assertArrayEquals(VECTORS[3], floats);
    assertEquals(index.distance(3, 8), row.getFloat(1));
  }

  @ParameterizedTest
  @EnumSource(Ids.class)
  void nullsAndUnknownIdsGiveNull(Ids ids) {
    String stranger = ids == Ids.STRING ? "'nobody'" : "-7";
    for (String call :
        List.of(
            "annoy_neighbors(INDEX, NULL, 3)",
            "annoy_neighbors(INDEX, CAST(NULL AS array<double>), 3)",
            "annoy_neighbors_by_id(INDEX, NULL, 3)",
            "annoy_neighbors_by_id(INDEX, " + stranger + ", 3)",
            "annoy_vector(INDEX, NULL)",
            "annoy_vector(INDEX, " + stranger + ")",
            "annoy_distance(INDEX, " + ids.sql(1) + ", NULL)",
            "annoy_distance(INDEX, " + stranger + ", " + ids.sql(1) + ")")) {
      assertNull(sql(ids, "SELECT " + call).first().get(0), call);
      // In a task, too, and not only where a constant is folded.
      assertNull(
          sql(ids, "SELECT IF(id = id, " + call + ", NULL) FROM ITEMS").first().get(0), call);
    }
  }

  @Test
  void vectorsCanBeOfAnyNumbers() {
    Object expected =
        sql(Ids.INT, "SELECT annoy_neighbors(INDEX, array(1f, 0.5f, -2f, 0f), 4)").first().get(0);
    for (String vector :
        List.of(
            "array(1, 0.5, -2, 0)",
            "array(1D, 0.5D, -2D, 0D)",
            "array(1, 0.5D, -2L, 0)",
            "CAST(array(1, 0.5, -2, 0) AS array<float>)")) {
      assertEquals(
          expected,
          sql(Ids.INT, "SELECT annoy_neighbors(INDEX, " + vector + ", 4)").first().get(0),
          vector);
    }
  }

  @Tag("mllib")
  @Test
  void vectorsCanBeMllibs() {
    List<Integer> ids = TestSpark.numbers(COUNT);
    String query = "SELECT annoy_neighbors(INDEX, features, 4) FROM queries ORDER BY id";
    items(Ids.INT).repartition(2).createOrReplaceTempView("queries");
    List<Row> expected = sql(Ids.INT, query).collectAsList();
    for (String kind : List.of("dense", "sparse")) {
      TestSpark.items(ids, VECTORS, kind).repartition(2).createOrReplaceTempView("queries");
      assertEquals(expected, sql(Ids.INT, query).collectAsList());
    }
  }

  @Test
  void worksInJoinsExplodedAndInViews() {
    String explode =
        "SELECT ITEMS.id, n.id AS near, n.distance FROM ITEMS"
            + " LATERAL VIEW explode(annoy_neighbors(INDEX, features, 3)) t AS n";
    Dataset<Row> pairs = sql(Ids.STRING, explode);
    assertEquals(3 * COUNT, pairs.count());
    sql(Ids.STRING, "CREATE OR REPLACE TEMP VIEW pairs AS " + explode);
    assertEquals(
        pairs.orderBy("id", "distance", "near").collectAsList(),
        TestSpark.session().sql("SELECT * FROM pairs ORDER BY id, distance, near").collectAsList());
    // Each item is its own nearest, so the distance that is looked up is what the search has said.
    assertEquals(
        0,
        sql(
                Ids.STRING,
                "SELECT * FROM pairs JOIN ITEMS ON ITEMS.id = pairs.near WHERE pairs.distance <>"
                    + " annoy_distance(INDEX, pairs.id, ITEMS.id)")
            .count());
    assertEquals(
        COUNT, sql(Ids.STRING, "SELECT * FROM pairs WHERE id = near AND distance = 0").count());
  }

  @Test
  void aCachedTableIsUsedByTheSameQuery() {
    String query = "SELECT id, annoy_neighbors(INDEX, features, 3) AS n FROM ITEMS";
    sql(Ids.LONG, "CACHE TABLE cached_neighbors AS " + query);
    try {
      assertTrue(planOf(query).contains("InMemoryRelation"), planOf(query));
      String other = query.replace(", 3)", ", 4)");
      assertFalse(planOf(other).contains("InMemoryRelation"), planOf(other));
    } finally {
      sql(Ids.LONG, "UNCACHE TABLE cached_neighbors");
    }
  }

  private static String planOf(String query) {
    return sql(Ids.LONG, query).queryExecution().withCachedData().toString();
  }

  @Test
  void anIndexIsOpenedOnceHoweverManyRowsAndTasks() throws IOException {
    SparkSession session = TestSpark.session();
    FaultyFileSystem.register(session.sparkContext().hadoopConfiguration());
    String index = "faulty:" + directory.resolve("remote");
    new IndexBuild().trees(TreeCount.of(2)).run(items(Ids.INT), index);
    Dataset<Row> queries = items(Ids.INT).repartition(4);
    queries.union(queries).union(queries).createOrReplaceTempView("many");
    String query = "SELECT annoy_neighbors('" + index + "', features, 3) n FROM many";
    FaultyFileSystem.OPENED_NAMES.clear();
    session.sql(query).collectAsList();
    // Whoever opens an index reads the metadata of its build.
    assertEquals(
        1,
        FaultyFileSystem.OPENED_NAMES.stream()
            .filter(name -> name.startsWith("metadata-"))
            .count());
    int opened = FaultyFileSystem.OPENED.get();
    Dataset<Row> again = session.sql(query);
    // The metadata, to see which build is meant.
    assertEquals(1, FaultyFileSystem.OPENED.get() - opened);
    assertEquals(3 * COUNT, again.collectAsList().size());
    assertEquals(1, FaultyFileSystem.OPENED.get() - opened);
  }

  @Test
  void aQueryKeepsToTheBuildThatItWasAnalysedWith() throws IOException {
    String index = directory.resolve("rebuilt").toString();
    new IndexBuild().trees(TreeCount.of(1)).run(items(Ids.INT), index);
    Dataset<Row> neighbors =
        TestSpark.session().sql("SELECT id, annoy_vector('" + index + "', id) v FROM items_INT");
    List<Row> expected = neighbors.orderBy("id").collectAsList();
    float[][] others = TestSpark.vectors(COUNT, 4, 77);
    new IndexBuild()
        .trees(TreeCount.of(1))
        .overwrite(true)
        .run(TestSpark.items(TestSpark.numbers(COUNT), others), index);
    // Another plan of the same analysis: the first keeps its rows.
    assertEquals(expected, neighbors.orderBy("id").collectAsList());
    assertNotEquals(
        expected,
        TestSpark.session()
            .sql("SELECT id, annoy_vector('" + index + "', id) v FROM items_INT ORDER BY id")
            .collectAsList());
  }

  @Test
  void aPermanentViewCanUseThem() {
    SparkSession session = TestSpark.session();
    sql(Ids.INT, "CREATE VIEW permanent AS SELECT annoy_vector(INDEX, 5)[1] AS v");
    try {
      assertEquals(
          VECTORS[5][1], session.newSession().sql("SELECT v FROM permanent").first().getFloat(0));
    } finally {
      session.sql("DROP VIEW permanent");
    }
  }

  @Test
  void aSessionCanBeGivenTheFunctionsLater() {
    SparkSession session = TestSpark.session().newSession();
    // Under a name that no extension has given to it.
    FunctionDefinition vector = AnnoyFunctions.ALL.get(2);
    new FunctionDefinition(
            "vector_of", vector.parameters(), vector.required(), vector.usage(), vector.make())
        .addTo(session.sessionState().functionRegistry());
    String call = "(" + "'" + INDEXES.get(Ids.INT) + "', 5)[1]";
    assertEquals(VECTORS[5][1], session.sql("SELECT vector_of" + call).first().getFloat(0));
    AnnoyFunctions.register(session);
    assertEquals(VECTORS[5][1], session.sql("SELECT annoy_vector" + call).first().getFloat(0));
  }

  @Test
  void functionsAreDescribed() {
    String description =
        TestSpark.session().sql("DESCRIBE FUNCTION annoy_neighbors").collectAsList().toString();
    assertTrue(description.contains("annoy_neighbors(index, vector, k[, search_k])"), description);
  }
}
