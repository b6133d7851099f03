package org.annoyspark.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.TestSpark;
import org.annoyspark.storage.IndexDirectory;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.feature.Normalizer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.recommendation.ALS;
import org.apache.spark.ml.recommendation.ALSModel;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Among other stages of Spark ML. */
@Tag("mllib")
class AnnoyPipelineTest {

  @TempDir Path directory;

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private static ALSModel als() {
    Dataset<Row> ratings =
        TestSpark.session()
            .range(0, 4000)
            .selectExpr(
                "cast(id % 80 as int) as user",
                "cast((id * 7 + id % 11) % 50 as int) as item",
                "cast((id * id + id) % 5 + 1 as float) as rating");
    return new ALS().setRank(8).setMaxIter(3).setSeed(3).fit(ratings);
  }

  @Test
  void recommendsWhatAlsItselfRecommends() {
    ALSModel als = als();
    AnnoyModel model =
        new Annoy()
            .setMetric("dot")
            .setNumTrees(10)
            .setK(5)
            .setSearchK(10_000)
            .setOutputPath(path("index"))
            .fit(als.itemFactors());
    List<Row> found = model.transform(als.userFactors()).orderBy("id").collectAsList();
    List<Row> expected = als.recommendForAllUsers(5).orderBy("user").collectAsList();
    assertEquals(80, found.size());
    for (int user = 0; user < 80; user++) {
      List<Row> neighbors = found.get(user).getList(2);
      List<Row> recommended = expected.get(user).getList(1);
      for (int i = 0; i < 5; i++) {
        // Not the ids: items of equal ratings may stand in either order.
        assertEquals(recommended.get(i).getFloat(1), neighbors.get(i).getFloat(1), 1e-5);
      }
    }
    AnnoyModel users = new Annoy().setMetric("euclidean").setK(1).fit(als.userFactors());
    for (Row user : users.transform(als.userFactors()).collectAsList()) {
      // Itself, or one of the same factors.
      assertEquals(0f, user.<Row>getList(2).get(0).getFloat(1));
    }
  }

  @Test
  void theNormCapIsTheBuilds() throws IOException {
    Dataset<Row> items = TestSpark.items(TestSpark.numbers(50), TestSpark.vectors(50, 4, 5));
    String fitted = path("fitted");
    new Annoy().setMetric("dot").setDotNormCap("50").setOutputPath(fitted).fit(items);
    String saved = path("saved");
    items.write().format("annoy").option("metric", "dot").option("dotNormCap", 50).save(saved);
    IndexBuild build = new IndexBuild().metric("dot");
    String built = path("built");
    build.dotNormCap(DotNormCap.ofPercent(50)).run(items, built);
    String otherwise = path("otherwise");
    build.dotNormCap(DotNormCap.ofPercent(100)).run(items, otherwise);
    assertEquals(fileSha256(built), fileSha256(fitted));
    assertEquals(fileSha256(built), fileSha256(saved));
    assertNotEquals(fileSha256(built), fileSha256(otherwise));
  }

  private static String fileSha256(String index) throws IOException {
    IndexMetadata metadata =
        new IndexDirectory(index, TestSpark.session().sessionState().newHadoopConf())
            .readMetadata();
    return TestSpark.sha256(Path.of(index, metadata.file().name()));
  }

  @Test
  void endsAPipelineOfFeatures() throws IOException {
    Dataset<Row> rows =
        TestSpark.session()
            .range(0, 200)
            .selectExpr("id", "cast(id % 13 as double) x", "sin(id) y", "cos(id * id) z");
    Pipeline pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new VectorAssembler()
                      .setInputCols(new String[] {"x", "y", "z"})
                      .setOutputCol("raw"),
                  new Normalizer().setInputCol("raw").setOutputCol("features"),
                  new Annoy().setK(4).setSearchK(1000).setMetric("euclidean")
                });
    PipelineModel model = pipeline.fit(rows);
    List<Row> expected = model.transform(rows).orderBy("id").collectAsList();
    for (Row row : expected) {
      Row nearest = row.<Row>getList(row.fieldIndex("neighbors")).get(0);
      assertEquals(row.getLong(0), nearest.getLong(0));
      assertEquals(0f, nearest.getFloat(1));
    }
    pipeline.write().overwrite().save(path("pipeline"));
    model.write().overwrite().save(path("model"));
    assertEquals(
        expected, PipelineModel.load(path("model")).transform(rows).orderBy("id").collectAsList());
    // The same rows, params and seed: the same answers of the other index.
    assertEquals(
        expected,
        Pipeline.load(path("pipeline")).fit(rows).transform(rows).orderBy("id").collectAsList());
  }

  @Test
  void crossValidatorChoosesTheParamsThatFindMore() throws IOException {
    Dataset<Row> items = TestSpark.items(TestSpark.numbers(400), TestSpark.vectors(400, 8, 5));
    Annoy annoy = new Annoy().setMetric("euclidean").setSearchK(40);
    ParamMap[] grid = new ParamGridBuilder().addGrid(annoy.numTrees(), new int[] {1, 12}).build();
    CrossValidatorModel validated =
        new CrossValidator()
            .setEstimator(annoy)
            .setEstimatorParamMaps(grid)
            .setEvaluator(new NearnessEvaluator("nearness"))
            .setNumFolds(2)
            .setParallelism(2)
            .setSeed(1)
            .fit(items);
    double[] metrics = validated.avgMetrics();
    assertTrue(metrics[0] != metrics[1], metrics[0] + ", " + metrics[1]);
    AnnoyModel best = (AnnoyModel) validated.bestModel();
    Annoy parent = (Annoy) best.parent();
    assertTrue(metrics[1] < metrics[0], metrics[0] + ", " + metrics[1]);
    assertEquals(12, parent.getNumTrees());
    List<Row> expected = best.transform(items).orderBy("id").collectAsList();
    best.write().overwrite().save(path("best"));
    assertEquals(
        expected, AnnoyModel.load(path("best")).transform(items).orderBy("id").collectAsList());
  }

  /** The mean distance of the neighbours found: smaller is better. */
  private static final class NearnessEvaluator extends Evaluator {

    private static final long serialVersionUID = 1L;

    private final String uid;

    NearnessEvaluator(String uid) {
      this.uid = uid;
    }

    @Override
    public double evaluate(Dataset<?> joined) {
      return joined
          .selectExpr("avg(aggregate(neighbors.distance, 0D, (sum, d) -> sum + d))")
          .as(org.apache.spark.sql.Encoders.DOUBLE())
          .first();
    }

    @Override
    public boolean isLargerBetter() {
      return false;
    }

    @Override
    public Evaluator copy(ParamMap extra) {
      return this;
    }

    @Override
    public String uid() {
      return uid;
    }
  }
}
