package org.annoyspark.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.Params;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Params: defaults, bounds, copies. */
@Tag("mllib")
class AnnoyParamsTest {

  /** What a param can move. */
  private static final Pattern MOVES = Pattern.compile("(?i)\\b(?:recall|time|size|longer)\\b");

  @Test
  void theParamsAreThoseThatAreDocumented() {
    assertEquals(
        List.of(
            "allowCol",
            "candidateFilter",
            "dotLayout",
            "dotNormCap",
            "excludeCol",
            "excludeSelf",
            "featuresCol",
            "idCol",
            "k",
            "maxDistance",
            "metric",
            "numTrees",
            "outputPath",
            "overwrite",
            "predictionCol",
            "queryCol",
            "refresh",
            "searchK",
            "seed"),
        names(new Annoy()));
    assertEquals(
        List.of(
            "allowCol",
            "candidateFilter",
            "excludeCol",
            "excludeSelf",
            "featuresCol",
            "idCol",
            "indexPath",
            "k",
            "maxDistance",
            "predictionCol",
            "queryCol",
            "refresh",
            "searchK"),
        names(new AnnoyModel()));
  }

  private static List<String> names(Params params) {
    return Arrays.stream(params.params()).map(Param::name).toList();
  }

  @Test
  void defaultsAreThoseOfTheCommandLine() {
    Annoy annoy = new Annoy();
    assertEquals("id", annoy.getIdCol());
    assertEquals("features", annoy.getFeaturesCol());
    assertEquals("features", annoy.getQueryCol());
    assertEquals("vector", annoy.setFeaturesCol("vector").getQueryCol());
    assertEquals("neighbors", annoy.getPredictionCol());
    assertEquals(10, annoy.getK());
    assertEquals(-1, annoy.getSearchK());
    assertFalse(annoy.getExcludeSelf());
    assertEquals("angular", annoy.getMetric());
    assertEquals(10, annoy.getNumTrees());
    assertEquals(42, annoy.getSeed());
    assertEquals("1.17", annoy.getDotLayout());
    assertEquals("auto", annoy.getDotNormCap());
    assertFalse(annoy.getOverwrite());
    assertFalse(annoy.isDefined(annoy.outputPath()));
  }

  @Test
  void explainedParamsSayWhatTheyMove() {
    String text = new Annoy().setNumTrees(50).explainParams();
    assertTrue(text.contains("numTrees: trees of the forest"), text);
    assertTrue(text.contains("(default: 10, current: 50)"), text);
    assertTrue(text.contains("outputPath: URI of the directory"), text);
    assertTrue(text.contains("More find more of the true neighbors and take longer"), text);
    for (Params stage : List.of(new Annoy(), new AnnoyModel())) {
      for (Param<?> param : stage.params()) {
        assertTrue(MOVES.matcher(param.doc()).find(), param.name() + ": " + param.doc());
      }
    }
  }

  @Test
  void valuesOutOfRangeAreRefusedWhenTheyAreSet() {
    assertRefused(
        "metric: expected one of angular, euclidean, manhattan, dot, hamming, found 'cosine'",
        () -> new Annoy().setMetric("cosine"));
    assertRefused("numTrees: expected 1 or more, or -1, found 0", () -> new Annoy().setNumTrees(0));
    assertRefused("k: expected 1 or more, found 0", () -> new Annoy().setK(0));
    assertRefused("k: expected 1 or more, found -1", () -> new AnnoyModel().setK(-1));
    assertRefused(
        "maxDistance: expected a number, found NaN",
        () -> new AnnoyModel().setMaxDistance(Float.NaN));
    assertRefused("searchK: expected 1 or more, found 0", () -> new AnnoyModel().setSearchK(0));
    assertRefused(
        "dot layout: expected one of 1.17, main, found '2'", () -> new Annoy().setDotLayout("2"));
    assertRefused(
        "dot norm cap: expected auto, or a percentage above 0 and up to 100, found 0.0",
        () -> new Annoy().setDotNormCap("0"));
    assertRefused("excludeCol: expected a name, found ''", () -> new Annoy().setExcludeCol(""));
    assertRefused(
        "candidateFilter: expected a name, found null",
        () -> new AnnoyModel().setCandidateFilter(null));
    assertRefused("idCol: expected a name, found ''", () -> new Annoy().setIdCol(""));
    assertRefused("outputPath: expected a name, found null", () -> new Annoy().setOutputPath(null));
    Annoy annoy = new Annoy();
    assertRefused(
        "k: expected 1 or more, found 0",
        () -> annoy.copy(new ParamMap().put(annoy.k().w(0))).getK());
  }

  private static void assertRefused(String message, Executable executable) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, executable).getMessage());
  }

  @Test
  void aCopyHasTheParamsAndThoseOfTheMap() {
    Annoy annoy = new Annoy().setMetric("dot").setK(3);
    Annoy copy = annoy.copy(new ParamMap().put(annoy.numTrees().w(7)));
    assertEquals(annoy.uid(), copy.uid());
    assertEquals("dot", copy.getMetric());
    assertEquals(3, copy.getK());
    assertEquals(7, copy.getNumTrees());
    assertEquals(10, annoy.getNumTrees());

    AnnoyModel model = new AnnoyModel().setIndexPath("hdfs:///index").setPredictionCol("near");
    AnnoyModel copied = model.copy(new ParamMap().put(model.k().w(2)));
    assertEquals("hdfs:///index", copied.getIndexPath());
    assertEquals("near", copied.getPredictionCol());
    assertEquals(2, copied.getK());
    assertEquals(10, model.getK());
  }

  @Test
  void serviceLoadersFindThem() {
    assertTrue(isListed(Estimator.class, Annoy.class));
    assertTrue(isListed(Transformer.class, AnnoyModel.class));
  }

  private static boolean isListed(Class<?> service, Class<?> wanted) {
    return StreamSupport.stream(ServiceLoader.load(service).spliterator(), false)
        .anyMatch(found -> found.getClass().equals(wanted));
  }
}
