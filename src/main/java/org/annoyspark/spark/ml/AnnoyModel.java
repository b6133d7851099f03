package org.annoyspark.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.annoyspark.spark.KnnJoin;
import org.annoyspark.storage.IndexAddress;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.FloatParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Adds to every row the items nearest to its vector, as {@link KnnJoin} does. The model knows its
 * index by URI: an index that is published there later is asked from then on.
 *
 * <p>Saving copies the index into the model's directory, which can be moved as a whole.
 */
public final class AnnoyModel extends Model<AnnoyModel> implements NeighborParams, MLWritable {

  private static final long serialVersionUID = 1L;

  private final String uid;
  private final NeighborParamSet neighborParams;
  private final Param<String> indexPath;

  /** A model of no index yet: {@link #setIndexPath} tells which. */
  public AnnoyModel() {
    this(Identifiable$.MODULE$.randomUID("annoy"));
  }

  public AnnoyModel(String uid) {
    this.uid = uid;
    this.neighborParams = new NeighborParamSet(this);
    this.indexPath =
        new Param<>(
            this,
            "indexPath",
            "URI of an index directory; that of an index with more trees gives a larger recall",
            Checks.notEmpty("indexPath"));
  }

  /**
   * @throws org.annoyspark.spark.InvalidInputException if a column is missing, or of another type
   *     than is allowed
   * @throws UncheckedIOException if there is no index
   */
  @Override
  public Dataset<Row> transform(Dataset<?> queries) {
    try {
      return filtered(join(getK()), queries.sparkSession()).run(queries.toDF(), getIndexPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /**
   * Every item of the index with the k other items nearest to it, as {@link KnnJoin#similarItems}
   * does: no rows are needed, for the vectors are in the index.
   *
   * @param k at least 1; the model's own stays as it is
   * @return rows of idCol and predictionCol
   * @throws org.annoyspark.spark.InvalidInputException if both have one name
   * @throws UncheckedIOException if there is no index
   */
  public Dataset<Row> similarItems(int k) {
    try {
      SparkSession session = SparkSession.active();
      return filtered(join(k), session).similarItems(session, getIndexPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  @Override
  public StructType transformSchema(StructType queries) {
    try {
      SparkSession session = SparkSession.active();
      IndexAddress index =
          IndexAddress.resolve(getIndexPath(), null, session.sessionState().newHadoopConf());
      return filtered(join(getK()), session).joinedSchema(queries, index);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private KnnJoin join(int neighbors) {
    KnnJoin join = new KnnJoin(neighbors);
    if (isDefined(maxDistance())) {
      join.maxDistance(getMaxDistance());
    }
    if (isDefined(allowCol())) {
      join.allowColumn(getAllowCol());
    }
    if (isDefined(excludeCol())) {
      join.excludeColumn(getExcludeCol());
    }
    return join.searchK(getSearchK())
        .excludeSelf(getExcludeSelf())
        .refresh(getRefresh())
        .idColumn(getIdCol())
        .featuresColumn(getQueryCol())
        .neighborsColumn(getPredictionCol());
  }

  private KnnJoin filtered(KnnJoin join, SparkSession session) {
    return isDefined(candidateFilter())
        ? join.candidateFilter(session.table(getCandidateFilter()))
        : join;
  }

  @Override
  public AnnoyModel copy(ParamMap extra) {
    return copyValues(new AnnoyModel(uid), extra).setParent(parent());
  }

  @Override
  public MLWriter write() {
    return new SavedModel.Writer(this);
  }

  public static MLReader<AnnoyModel> read() {
    return new SavedModel.Reader();
  }

  public static AnnoyModel load(String path) {
    return read().load(path);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public String toString() {
    return "AnnoyModel: uid=" + uid + ", index=" + (isSet(indexPath) ? getIndexPath() : "none");
  }

  public Param<String> indexPath() {
    return indexPath;
  }

  /**
   * @throws IllegalArgumentException if there is none
   */
  public String getIndexPath() {
    if (!isDefined(indexPath)) {
      throw new IllegalArgumentException(uid + ": indexPath: expected an index, found none set");
    }
    return (String) getOrDefault(indexPath);
  }

  /** An index that was built before, by whatever way. */
  public AnnoyModel setIndexPath(String uri) {
    set(indexPath, uri);
    return this;
  }

  @Override
  public Param<String> idCol() {
    return neighborParams.idCol;
  }

  public AnnoyModel setIdCol(String name) {
    set(idCol(), name);
    return this;
  }

  @Override
  public Param<String> featuresCol() {
    return neighborParams.featuresCol;
  }

  public AnnoyModel setFeaturesCol(String name) {
    set(featuresCol(), name);
    return this;
  }

  @Override
  public Param<String> queryCol() {
    return neighborParams.queryCol;
  }

  public AnnoyModel setQueryCol(String name) {
    set(queryCol(), name);
    return this;
  }

  @Override
  public Param<String> predictionCol() {
    return neighborParams.predictionCol;
  }

  public AnnoyModel setPredictionCol(String name) {
    set(predictionCol(), name);
    return this;
  }

  @Override
  public IntParam k() {
    return neighborParams.k;
  }

  public AnnoyModel setK(int neighbors) {
    set(k(), neighbors);
    return this;
  }

  @Override
  public IntParam searchK() {
    return neighborParams.searchK;
  }

  public AnnoyModel setSearchK(int candidates) {
    set(searchK(), candidates);
    return this;
  }

  @Override
  public FloatParam maxDistance() {
    return neighborParams.maxDistance;
  }

  public AnnoyModel setMaxDistance(float bound) {
    set(maxDistance(), bound);
    return this;
  }

  @Override
  public BooleanParam excludeSelf() {
    return neighborParams.excludeSelf;
  }

  public AnnoyModel setExcludeSelf(boolean exclude) {
    set(excludeSelf(), exclude);
    return this;
  }

  @Override
  public BooleanParam refresh() {
    return neighborParams.refresh;
  }

  public AnnoyModel setRefresh(boolean wanted) {
    set(refresh(), wanted);
    return this;
  }

  @Override
  public Param<String> candidateFilter() {
    return neighborParams.candidateFilter;
  }

  public AnnoyModel setCandidateFilter(String table) {
    set(candidateFilter(), table);
    return this;
  }

  @Override
  public Param<String> allowCol() {
    return neighborParams.allowCol;
  }

  public AnnoyModel setAllowCol(String name) {
    set(allowCol(), name);
    return this;
  }

  @Override
  public Param<String> excludeCol() {
    return neighborParams.excludeCol;
  }

  public AnnoyModel setExcludeCol(String name) {
    set(excludeCol(), name);
    return this;
  }
}
