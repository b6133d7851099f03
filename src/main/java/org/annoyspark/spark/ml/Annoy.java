package org.annoyspark.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.metric.Metric;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.KnnJoin;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.FloatParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Builds an index, as {@link IndexBuild} does, and gives a model that finds neighbours in it:
 *
 * <pre>{@code
 * AnnoyModel model = new Annoy().setMetric("dot").setK(20).fit(alsModel.itemFactors());
 * Dataset<Row> neighbors = model.transform(alsModel.userFactors());
 * }</pre>
 *
 * <p>The index goes to {@code outputPath} or, if that is not set, to a place of its own that is
 * deleted when the application ends.
 */
public final class Annoy extends Estimator<AnnoyModel>
    implements NeighborParams, DefaultParamsWritable {

  private static final long serialVersionUID = 1L;
  private static final int AUTO_TREES = -1;

  private final String uid;
  private final NeighborParamSet neighborParams;
  private final Param<String> metric;
  private final IntParam numTrees;
  private final LongParam seed;
  private final Param<String> dotLayout;
  private final Param<String> dotNormCap;
  private final Param<String> outputPath;
  private final BooleanParam overwrite;

  public Annoy() {
    this(Identifiable$.MODULE$.randomUID("annoy"));
  }

  public Annoy(String uid) {
    this.uid = uid;
    this.neighborParams = new NeighborParamSet(this);
    this.metric =
        new Param<>(
            this,
            "metric",
            "what is near: one of "
                + String.join(", ", Metric.NAMES)
                + ". dot finds fewer of the true neighbors in the same time; hamming takes a bit of"
                + " size for each number, the others four bytes",
            Checks.of((String name) -> Metric.checkName(name)));
    this.numTrees =
        new IntParam(
            this,
            "numTrees",
            "trees of the forest, at least 1, or -1 for as many as double the nodes of the file."
                + " More find more of the true neighbors at the same searchK; build time and the"
                + " trees' share of the file grow in step",
            Checks.<Integer, Object>of(Annoy::treeCount));
    this.seed =
        new LongParam(
            this,
            "seed",
            "the same rows, params and seed give the same file, to the byte; another seed moves"
                + " recall by chance alone");
    this.dotLayout =
        new Param<>(
            this,
            "dotLayout",
            "which clients can read an index of metric dot: 1.17 for Annoy 1.17.3 and before, main"
                + " for later ones, at 8 bytes more of size for a node; no other metric looks at it",
            Checks.of((String label) -> DotLayout.ofLabel(label)));
    this.dotNormCap =
        new Param<>(
            this,
            "dotNormCap",
            "for metric dot, the length that items are brought to: auto, or the percentage of items"
                + " that are no longer. 100 is Annoy's own; auto goes by how items are spread. Recall depends"
                + " on it, time and size do not",
            Checks.of((String cap) -> DotNormCap.of(cap)));
    this.outputPath =
        new Param<>(
            this,
            "outputPath",
            "URI of the directory for the index; unless set, a temporary one below"
                + " spark.annoy.staging.dir or, in local mode, the JVM's temporary directory, which needs room of the size of the index twice"
                + " while it is built",
            Checks.notEmpty("outputPath"));
    this.overwrite =
        new BooleanParam(
            this,
            "overwrite",
            "whether an index that is at outputPath may be replaced; the build before it stays for"
                + " its readers, so size doubles");
    setDefault(metric, "angular");
    setDefault(numTrees, 10);
    setDefault(seed, 42L);
    setDefault(dotLayout, DotLayout.RELEASED.label());
    setDefault(dotNormCap, DotNormCap.auto().toString());
    setDefault(overwrite, false);
  }

  private static TreeCount treeCount(int numTrees) {
    if (numTrees < 1 && numTrees != AUTO_TREES) {
      throw new IllegalArgumentException("numTrees: expected 1 or more, or -1, found " + numTrees);
    }
    return numTrees == AUTO_TREES ? TreeCount.auto() : TreeCount.of(numTrees);
  }

  /**
   * Builds the index.
   *
   * @throws org.annoyspark.spark.InvalidInputException if the rows cannot be indexed
   * @throws IllegalArgumentException if an index is at {@code outputPath} and may not be replaced
   */
  @Override
  public AnnoyModel fit(Dataset<?> items) {
    transformSchema(items.schema());
    SparkSession session = items.sparkSession();
    Configuration conf = session.sessionState().newHadoopConf();
    boolean isTemporary = !isDefined(outputPath);
    Path output =
        isTemporary
            ? TemporaryIndex.newPath(session.sparkContext().isLocal(), conf)
            : new Path(getOutputPath());
    try {
      String index = build().run(items.toDF(), output.toString()).uri();
      if (isTemporary) {
        TemporaryIndex.deleteOnExit(output, conf);
      }
      return copyValues(new AnnoyModel(uid).setIndexPath(index), new ParamMap()).setParent(this);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private IndexBuild build() {
    return new IndexBuild()
        .metric(getMetric())
        .trees(treeCount(getNumTrees()))
        .seed(getSeed())
        .dotLayout(DotLayout.ofLabel(getDotLayout()))
        .dotNormCap(DotNormCap.of(getDotNormCap()))
        .overwrite(getOverwrite())
        .idColumn(getIdCol())
        .featuresColumn(getFeaturesCol());
  }

  /** The columns of what the model gives; the query column is the model's to check. */
  @Override
  public StructType transformSchema(StructType items) {
    return KnnJoin.withNeighbors(items, getPredictionCol(), build().checkColumns(items));
  }

  @Override
  public Annoy copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  public static MLReader<Annoy> read() {
    return new DefaultParamsReader<>();
  }

  public static Annoy load(String path) {
    return read().load(path);
  }

  @Override
  public String uid() {
    return uid;
  }

  public Param<String> metric() {
    return metric;
  }

  public String getMetric() {
    return (String) getOrDefault(metric);
  }

  public Annoy setMetric(String name) {
    set(metric, name);
    return this;
  }

  public IntParam numTrees() {
    return numTrees;
  }

  public int getNumTrees() {
    return (Integer) getOrDefault(numTrees);
  }

  public Annoy setNumTrees(int trees) {
    set(numTrees, trees);
    return this;
  }

  public LongParam seed() {
    return seed;
  }

  public long getSeed() {
    return (Long) getOrDefault(seed);
  }

  public Annoy setSeed(long value) {
    set(seed, value);
    return this;
  }

  public Param<String> dotLayout() {
    return dotLayout;
  }

  public String getDotLayout() {
    return (String) getOrDefault(dotLayout);
  }

  public Annoy setDotLayout(String label) {
    set(dotLayout, label);
    return this;
  }

  public Param<String> dotNormCap() {
    return dotNormCap;
  }

  public String getDotNormCap() {
    return (String) getOrDefault(dotNormCap);
  }

  public Annoy setDotNormCap(String cap) {
    set(dotNormCap, cap);
    return this;
  }

  public Param<String> outputPath() {
    return outputPath;
  }

  public String getOutputPath() {
    return (String) getOrDefault(outputPath);
  }

  public Annoy setOutputPath(String uri) {
    set(outputPath, uri);
    return this;
  }

  public BooleanParam overwrite() {
    return overwrite;
  }

  public boolean getOverwrite() {
    return (Boolean) getOrDefault(overwrite);
  }

  public Annoy setOverwrite(boolean allowed) {
    set(overwrite, allowed);
    return this;
  }

  @Override
  public Param<String> idCol() {
    return neighborParams.idCol;
  }

  public Annoy setIdCol(String name) {
    set(idCol(), name);
    return this;
  }

  @Override
  public Param<String> featuresCol() {
    return neighborParams.featuresCol;
  }

  public Annoy setFeaturesCol(String name) {
    set(featuresCol(), name);
    return this;
  }

  @Override
  public Param<String> queryCol() {
    return neighborParams.queryCol;
  }

  public Annoy setQueryCol(String name) {
    set(queryCol(), name);
    return this;
  }

  @Override
  public Param<String> predictionCol() {
    return neighborParams.predictionCol;
  }

  public Annoy setPredictionCol(String name) {
    set(predictionCol(), name);
    return this;
  }

  @Override
  public IntParam k() {
    return neighborParams.k;
  }

  public Annoy setK(int neighbors) {
    set(k(), neighbors);
    return this;
  }

  @Override
  public IntParam searchK() {
    return neighborParams.searchK;
  }

  public Annoy setSearchK(int candidates) {
    set(searchK(), candidates);
    return this;
  }

  @Override
  public FloatParam maxDistance() {
    return neighborParams.maxDistance;
  }

  public Annoy setMaxDistance(float bound) {
    set(maxDistance(), bound);
    return this;
  }

  @Override
  public BooleanParam excludeSelf() {
    return neighborParams.excludeSelf;
  }

  public Annoy setExcludeSelf(boolean exclude) {
    set(excludeSelf(), exclude);
    return this;
  }

  @Override
  public BooleanParam refresh() {
    return neighborParams.refresh;
  }

  public Annoy setRefresh(boolean wanted) {
    set(refresh(), wanted);
    return this;
  }

  @Override
  public Param<String> candidateFilter() {
    return neighborParams.candidateFilter;
  }

  public Annoy setCandidateFilter(String table) {
    set(candidateFilter(), table);
    return this;
  }

  @Override
  public Param<String> allowCol() {
    return neighborParams.allowCol;
  }

  public Annoy setAllowCol(String name) {
    set(allowCol(), name);
    return this;
  }

  @Override
  public Param<String> excludeCol() {
    return neighborParams.excludeCol;
  }

  public Annoy setExcludeCol(String name) {
    set(excludeCol(), name);
    return this;
  }
}
