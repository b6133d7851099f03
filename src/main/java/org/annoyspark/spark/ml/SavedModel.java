package org.annoyspark.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.annoyspark.storage.CanonicalPath;
import org.annoyspark.storage.IndexCopy;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;

/**
 * A model on disk: {@code metadata}, the params as Spark writes them, and {@code index}, a copy of
 * the index. Where it stands is told when it is loaded, so the directory can be moved.
 */
final class SavedModel {

  private static final String INDEX = "index";

  private SavedModel() {}

  static final class Writer extends MLWriter {

    private final AnnoyModel model;

    Writer(AnnoyModel model) {
      this.model = model;
    }

    /**
     * Saves, unless what is removed to make place for the model holds the index to be copied.
     *
     * @throws IllegalArgumentException if it does; nothing has been removed
     */
    @Override
    public void save(String path) throws IOException {
      Configuration conf = sparkSession().sessionState().newHadoopConf();
      String index = model.getIndexPath();
      if (CanonicalPath.isWithin(CanonicalPath.of(index, conf), CanonicalPath.of(path, conf))) {
        throw new IllegalArgumentException(
            path
                + ": expected another place than that of the model's own index, "
                + index
                + ", which would be gone before it is copied");
      }
      super.save(path);
    }

    /** The params last: without them there is nothing to load. */
    @Override
    public void saveImpl(String path) {
      Configuration conf = sparkSession().sessionState().newHadoopConf();
      try {
        IndexCopy.copy(model.getIndexPath(), new Path(path, INDEX).toString(), conf);
        // Not Spark's static methods, whose signatures differ between 3.5 and 4.0.
        AnnoyModel anywhere = model.copy(new ParamMap());
        anywhere.clear(anywhere.indexPath());
        new DefaultParamsWriter(anywhere).session(sparkSession()).saveImpl(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
    }
  }

  static final class Reader extends MLReader<AnnoyModel> {

    @Override
    public AnnoyModel load(String path) {
      AnnoyModel model = new DefaultParamsReader<AnnoyModel>().session(sparkSession()).load(path);
      Path index = new Path(path, INDEX);
      try {
        Configuration conf = sparkSession().sessionState().newHadoopConf();
        return model.setIndexPath(index.getFileSystem(conf).makeQualified(index).toString());
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
    }
  }
}
