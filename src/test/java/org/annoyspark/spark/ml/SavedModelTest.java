package org.annoyspark.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models on disk: whole, movable, and readable by other versions of Spark. */
@Tag("mllib")
class SavedModelTest {

  private static final Path FIXTURES = Path.of("src", "test", "resources", "models");

  @TempDir Path directory;

  /** Spark ML's readers take the session that is there. */
  @BeforeAll
  static void startSession() {
    TestSpark.session();
  }

  /** The items of the fixtures. */
  private static Dataset<Row> items() {
    return SavedByVersion.items();
  }

  @Test
  void whatIsLoadedAnswersAsWhatWasSaved() throws IOException {
    SavedModels.roundTrip(items(), directory.toUri().toString().replaceFirst("/$", ""));
  }

  @Test
  void aModelOfNoOutputPathSurvivesItsIndex() throws IOException {
    AnnoyModel model = new Annoy().setK(2).fit(items());
    model.save(directory.resolve("model").toString());
    var index = new org.apache.hadoop.fs.Path(model.getIndexPath());
    index.getFileSystem(TestSpark.session().sessionState().newHadoopConf()).delete(index, true);
    // Another name: nothing in it may know where it was saved.
    Files.move(directory.resolve("model"), directory.resolve("moved"));
    AnnoyModel moved = AnnoyModel.load(directory.resolve("moved").toString());
    assertEquals(6, moved.transform(items()).count());
  }

  @Test
  void onlyAskedForIsAModelReplaced() throws IOException {
    AnnoyModel model = new Annoy().setNumTrees(1).fit(items());
    String path = directory.resolve("model").toString();
    model.save(path);
    IOException e = assertThrows(IOException.class, () -> model.save(path));
    assertTrue(e.getMessage().contains(path + " already exists"), e.getMessage());
  }

  @Test
  void aModelWithoutItsIndexIsNotSaved() {
    AnnoyModel model = new AnnoyModel().setIndexPath(directory.resolve("none").toString());
    Exception e =
        assertThrows(
            java.io.UncheckedIOException.class,
            () -> model.save(directory.resolve("model").toString()));
    assertEquals("file:" + directory + "/none: no such file or directory", e.getMessage());
  }

  /** Saved by {@code new Annoy().setNumTrees(2).setK(2).fit(items()).save(…)} on that version. */
  @ParameterizedTest
  @ValueSource(strings = {"spark-3.5.6", "spark-4.1.0"})
  void modelsOfOtherVersionsLoad(String name) {
    AnnoyModel model = AnnoyModel.load(FIXTURES.resolve(name).toAbsolutePath().toString());
    assertEquals(2, model.getK());
    assertEquals("features", model.getQueryCol());
    List<Row> rows = model.transform(items()).orderBy("id").collectAsList();
    assertEquals(6, rows.size());
    for (Row row : rows) {
      List<Row> neighbors = row.getList(row.fieldIndex("neighbors"));
      assertEquals(2, neighbors.size());
      assertEquals(row.getString(0), neighbors.get(0).getString(0));
    }
  }

  /** Saved by {@link SavedByVersion} on that version. */
  @ParameterizedTest
  @ValueSource(strings = {"spark-3.5.6", "spark-4.1.0"})
  void allParamsOfOtherVersionsLoad(String name) {
    Path fixtures = FIXTURES.resolve(name + "-all-params").toAbsolutePath();
    Annoy expected = SavedByVersion.allParams();
    Annoy annoy = Annoy.load(fixtures.resolve("estimator").toString());
    assertEquals(expected.explainParams(), annoy.explainParams());
    PipelineModel pipeline = PipelineModel.load(fixtures.resolve("pipeline").toString());
    AnnoyModel model = (AnnoyModel) pipeline.stages()[0];
    assertEquals(annoy.uid(), model.uid());
    for (Param<?> param : model.params()) {
      if (annoy.hasParam(param.name())) {
        assertEquals(annoy.get(annoy.getParam(param.name())), model.get(param), param.name());
      }
    }
    items().select("id").createOrReplaceTempView("candidates");
    Dataset<Row> queries =
        items()
            .selectExpr(
                "id",
                "features AS vector",
                "array('b', id) AS seen",
                "cast(null AS array<string>) AS allowed");
    List<Row> rows = pipeline.transform(queries).select("id", "near").collectAsList();
    assertEquals(6, rows.size());
    for (Row row : rows) {
      List<Row> neighbors = row.getList(1);
      assertEquals(2, neighbors.size());
      for (Row neighbor : neighbors) {
        assertFalse(List.of("b", row.getString(0)).contains(neighbor.getString(0)));
      }
    }
  }
}
