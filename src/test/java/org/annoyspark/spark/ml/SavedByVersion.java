package org.annoyspark.spark.ml;

import java.io.IOException;
import java.util.List;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** An estimator with all params set, and a pipeline of its model, to be read by other versions. */
final class SavedByVersion {

  private static final String UID = "annoy_of_all_params";

  private SavedByVersion() {}

  /** Saves them with the Spark at hand; {@code args} is a directory that is not there yet. */
  public static void main(String[] args) throws IOException {
    // Spark ML's writers take the session that is there.
    TestSpark.session();
    Annoy annoy = allParams();
    annoy.save(args[0] + "/estimator");
    PipelineModel model = new Pipeline().setStages(new PipelineStage[] {annoy}).fit(items());
    model.save(args[0] + "/pipeline");
  }

  static Annoy allParams() {
    return new Annoy(UID)
        .setIdCol("id")
        .setFeaturesCol("features")
        .setMetric("dot")
        .setNumTrees(3)
        .setSeed(7)
        .setDotLayout("main")
        .setDotNormCap("95")
        .setOutputPath("target/saved-by-version.index")
        .setOverwrite(true)
        .setK(2)
        .setSearchK(100)
        .setQueryCol("vector")
        .setPredictionCol("near")
        .setExcludeSelf(true)
        .setMaxDistance(-5)
        .setCandidateFilter("candidates")
        .setAllowCol("allowed")
        .setExcludeCol("seen")
        .setRefresh(false);
  }

  static Dataset<Row> items() {
    List<String> ids = List.of("a", "b", "c", "d", "e", "f");
    return TestSpark.items(ids, TestSpark.vectors(6, 3, 1));
  }
}
