package org.annoyspark.spark;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.SeededTrees;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.metric.Metric;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Builds an index from a DataFrame and publishes it as one Annoy file:
 *
 * <pre>{@code
 * new IndexBuild().metric("angular").trees(TreeCount.of(10)).seed(42).run(items, "hdfs:///items");
 * }</pre>
 *
 * <p>The bytes of the file follow from the rows, the parameters and the seed alone. Nothing that
 * grows with the number of items comes to the driver. A failed build leaves nothing behind, unless
 * it cannot know whether it failed: then it says so and deletes nothing. A killed one leaves what
 * {@link #resume} can go on from.
 */
public final class IndexBuild {

  private String metric = "angular";
  private TreeCount trees = TreeCount.of(10);
  private int firstTree;
  private long seed = 42;
  private DotLayout dotLayout = DotLayout.RELEASED;
  private DotNormCap dotNormCap = DotNormCap.auto();
  private String idColumn = "id";
  private String featuresColumn = "features";
  private boolean overwrite;
  private int dimension;
  private String replacedBuild;
  private boolean resume;
  private Consumer<String> progress = line -> {};

  /** One of {@link Metric#NAMES}; angular unless set. */
  public IndexBuild metric(String name) {
    this.metric = Metric.checkName(name);
    return this;
  }

  /** More trees find more of the true neighbours, and take more time and room; 10 unless set. */
  public IndexBuild trees(TreeCount count) {
    this.trees = count;
    return this;
  }

  /**
   * The number of the first tree, 0 unless set: what tells a tree from others of the same seed.
   * Forests over the same rows that are to be joined by {@link ForestMerge} have different numbers.
   *
   * @throws IllegalArgumentException if it is negative, or above 2^30
   */
  public IndexBuild firstTree(int number) {
    if (number < 0 || number > SeededTrees.MOST_FIRST_TREE) {
      throw new IllegalArgumentException(
          "first tree: expected 0 to " + SeededTrees.MOST_FIRST_TREE + ", found " + number);
    }
    this.firstTree = number;
    return this;
  }

  /** Same input, parameters and seed: the same bytes; 42 unless set. */
  public IndexBuild seed(long value) {
    this.seed = value;
    return this;
  }

  /** Which clients can read a {@code dot} index; the released ones unless set. */
  public IndexBuild dotLayout(DotLayout layout) {
    this.dotLayout = layout;
    return this;
  }

  /** The length that {@code dot} brings items to; {@link DotNormCap#auto} unless set. */
  public IndexBuild dotNormCap(DotNormCap cap) {
    this.dotNormCap = cap;
    return this;
  }

  /** A column of int, bigint or string; "id" unless set. */
  public IndexBuild idColumn(String name) {
    this.idColumn = name;
    return this;
  }

  /**
   * A column of array&lt;float&gt;, array&lt;double&gt; or MLlib vectors; "features" unless set.
   */
  public IndexBuild featuresColumn(String name) {
    this.featuresColumn = name;
    return this;
  }

  /**
   * How many numbers a vector has to have. As many as most have, unless set, and then all must.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public IndexBuild dimension(int numbers) {
    if (numbers < 1) {
      throw new IllegalArgumentException("dimension: expected 1 or more, found " + numbers);
    }
    this.dimension = numbers;
    return this;
  }

  /** Whether an index that is there may be replaced; not, unless set. */
  public IndexBuild overwrite(boolean allowed) {
    this.overwrite = allowed;
    return this;
  }

  /**
   * The only build that may be replaced, with {@link #overwrite}: if another one is in force in the
   * end, the build fails, and the other stays. Any, unless set.
   *
   * @param build as {@code metadata.json} names it
   */
  public IndexBuild replacing(String build) {
    this.replacedBuild = build;
    return this;
  }

  /**
   * Whether to go on where a killed build of the same rows, parameters and output stopped: its item
   * nodes and finished trees are taken over, and what it has left is removed in the end. Not while
   * that build still runs. If there is none, the build starts from nothing.
   */
  public IndexBuild resume(boolean wanted) {
    this.resume = wanted;
    return this;
  }

  /** Receives a line after each stage. */
  public IndexBuild progress(Consumer<String> listener) {
    this.progress = listener;
    return this;
  }

  /**
   * What was built.
   *
   * @param uri the index directory
   * @param upload how the file was written: in parts or in one stream
   * @param stageMillis wall time of each stage, in order
   */
  public record Report(
      String uri, IndexMetadata metadata, String upload, Map<String, Long> stageMillis) {

    /** The Annoy file. */
    public String file() {
      return uri + "/" + metadata.file().name();
    }
  }

  /**
   * Checks the input, builds the forest and publishes it.
   *
   * @param output a directory URI of any Hadoop file system
   * @throws InvalidInputException if the rows cannot be indexed; nothing has been written
   * @throws IllegalArgumentException if the output is in the way, or the index would be too large
   * @throws IOException if a file system fails
   */
  public Report run(Dataset<Row> items, String output) throws IOException {
    SparkSession session = items.sparkSession();
    Configuration conf = session.sessionState().newHadoopConf();
    BuildRun run = BuildRun.into(output, session, conf, overwrite, progress);
    StructType schema = items.schema();
    InputRows input =
        InputRows.of(items, VectorColumn.of(schema, featuresColumn), IdColumn.of(schema, idColumn));
    Options options =
        new Options(
            metric,
            dimension,
            trees,
            firstTree,
            seed,
            dotLayout,
            dotNormCap,
            replacedBuild,
            resume);
    return new IndexBuildRun(run, input, options).run();
  }

  /**
   * Looks at the columns of items.
   *
   * @return the type of their ids: int, long or string
   * @throws InvalidInputException if a column is missing, or of another type than is allowed
   */
  public String checkColumns(StructType items) {
    VectorColumn.of(items, featuresColumn);
    return IdColumn.of(items, idColumn).type();
  }

  /**
   * What the bytes follow from, besides the rows; and what has to do with builds that are there.
   *
   * @param dimension what vectors must have, or 0 for what most have
   * @param replacedBuild the only one that may be replaced, or null
   * @param resume whether to go on from a killed one
   */
  record Options(
      String metric,
      int dimension,
      TreeCount trees,
      int firstTree,
      long seed,
      DotLayout dotLayout,
      DotNormCap dotNormCap,
      String replacedBuild,
      boolean resume) {}
}
