package org.annoyspark.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What saving and loading have to do on every file system. */
public final class SavedModels {

  private SavedModels() {}

  /**
   * Saves an estimator, a model and a pipeline of it below a directory, takes the index away, and
   * has what is loaded answer.
   */
  public static void roundTrip(Dataset<Row> items, String directory) throws IOException {
    Configuration conf = items.sparkSession().sessionState().newHadoopConf();
    String index = directory + "/model-index";
    Annoy annoy = new Annoy().setNumTrees(2).setK(3).setExcludeSelf(true).setOutputPath(index);
    annoy.write().overwrite().save(directory + "/estimator");
    Annoy loadedAnnoy = Annoy.load(directory + "/estimator");
    assertEquals(annoy.explainParams(), loadedAnnoy.explainParams());
    assertEquals(annoy.uid(), loadedAnnoy.uid());

    PipelineModel pipeline = new Pipeline().setStages(new PipelineStage[] {annoy}).fit(items);
    AnnoyModel model = (AnnoyModel) pipeline.stages()[0];
    List<Row> answers = sorted(model.transform(items));
    model.write().overwrite().save(directory + "/model");
    // Once more, over what is there.
    model.write().overwrite().save(directory + "/model");
    pipeline.write().overwrite().save(directory + "/pipeline");
    Path path = new Path(index);
    path.getFileSystem(conf).delete(path, true);

    AnnoyModel loaded = AnnoyModel.load(directory + "/model");
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> loaded.write().overwrite().save(directory + "/model"));
    assertTrue(refusal.getMessage().contains("own index"), refusal.getMessage());
    assertEquals(model.uid(), loaded.uid());
    assertEquals(
        directory.replaceFirst("^file:///", "file:/") + "/model/index", loaded.getIndexPath());
    assertEquals(3, loaded.getK());
    assertEquals(answers, sorted(loaded.transform(items)));
    assertEquals(answers, sorted(PipelineModel.load(directory + "/pipeline").transform(items)));
  }

  private static List<Row> sorted(Dataset<Row> rows) {
    return rows.orderBy("id").collectAsList();
  }
}
