package org.annoyspark.spark;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.MergePlan;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.StagedFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Builds an index from a DataFrame and publishes it as one Annoy file:
 *
 * <pre>{@code
 * new IndexBuild().metric("angular").trees(TreeCount.of(10)).seed(42).run(items, "hdfs:///items");
 * }</pre>
 *
 * <p>The bytes of the file follow from the rows, the parameters and the seed alone. Nothing that
 * grows with the number of items comes to the driver. A failed build leaves nothing behind, unless
 * it cannot know whether it failed: then it says so and deletes nothing.
 */
public final class IndexBuild {

  private static final DateTimeFormatter BUILD_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

  private String metric = "angular";
  private TreeCount trees = TreeCount.of(10);
  private long seed = 42;
  private DotLayout dotLayout = DotLayout.RELEASED;
  private String idColumn = "id";
  private String featuresColumn = "features";
  private boolean overwrite;
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

  /** Whether an index that is there may be replaced; not, unless set. */
  public IndexBuild overwrite(boolean allowed) {
    this.overwrite = allowed;
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
   * @param stageMillis wall time of each stage, in order
   */
  public record Report(String uri, IndexMetadata metadata, Map<String, Long> stageMillis) {

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
    IndexDirectory directory = new IndexDirectory(output, conf);
    directory.checkWritable(overwrite);
    StructType schema = items.schema();
    VectorColumn vectors = VectorColumn.of(schema, featuresColumn);
    IdColumn ids = IdColumn.of(schema, idColumn);
    Build build = new Build(session, conf, directory, vectors, ids);
    try {
      return build.run(items);
    } finally {
      session.sparkContext().setJobDescription(null);
    }
  }

  /** One run, from the check to the commit. */
  private final class Build {

    private final SparkSession session;
    private final JavaSparkContext spark;
    private final SerializableConfiguration conf;
    private final IndexDirectory directory;
    private final VectorColumn vectors;
    private final IdColumn ids;
    private final String name;
    private final Path staging;
    private final Map<String, Long> stageMillis = new LinkedHashMap<>();
    private MetricChoice metricChoice;

    Build(
        SparkSession session,
        Configuration conf,
        IndexDirectory directory,
        VectorColumn vectors,
        IdColumn ids) {
      this.session = session;
      this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
      this.conf = new SerializableConfiguration(conf);
      this.directory = directory;
      this.vectors = vectors;
      this.ids = ids;
      // Time sorts builds, chance keeps two of the same moment apart; neither reaches the file.
      this.name =
          BUILD_TIME.format(Instant.now()) + String.format("-%08x", new SecureRandom().nextInt());
      this.staging = directory.staging(name);
    }

    Report run(Dataset<Row> items) throws IOException {
      InputSummary summary = stage("check", () -> InputCheck.checkItems(items, vectors, ids));
      IdMapper mapper = new IdMapper(ids, summary);
      metricChoice = new MetricChoice(metric, summary.dimension(), dotLayout);
      MergePlan.checkFits(
          metricChoice.metric().layout(),
          mapper.items(summary),
          summary.rows(),
          trees.isAuto() ? 1 : trees.fixed());
      progress.accept(
          String.format(
              "check    %,d items of dimension %,d, ids %s%s",
              summary.rows(),
              summary.dimension(),
              ids.type(),
              mapper.isMapped() ? ", mapped to item numbers" : ""));
      boolean isNew = !directory.fs().exists(directory.path());
      try {
        return publish(build(items, summary, mapper));
      } catch (CommitUnknownException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        cleanUp(isNew, e);
        throw e;
      }
    }

    private Result build(Dataset<Row> items, InputSummary summary, IdMapper mapper)
        throws IOException {
      int itemCount = Math.toIntExact(mapper.items(summary));
      JavaPairRDD<Row, Integer> numbered = stage("ids", () -> mapper.number(items));
      if (mapper.isMapped()) {
        Path idsPath = new Path(directory.path(), IndexDirectory.idsName(name));
        stage(
            "ids",
            () -> {
              mapper.writeIds(session, numbered, idsPath);
              return null;
            });
        progress.accept(String.format("ids      %,d mapped", itemCount));
      }
      StagedItems staged =
          stage(
              "items",
              () ->
                  new ItemStage(
                          metricChoice, itemCount, summary.largestSquaredNorm(), staging, conf)
                      .run(numbered, vectors));
      progress.accept(
          String.format("items    %,d nodes in %,d pieces", itemCount, staged.pieces().size()));
      List<TreeStage.GrownTree> grown =
          stage(
              "trees",
              () -> new TreeStage(metricChoice, seed, staged, staging, conf).run(spark, trees));
      progress.accept(
          String.format(
              "trees    %,d with %,d nodes",
              grown.size(), grown.stream().mapToLong(TreeStage.GrownTree::nodes).sum()));
      MergeStage merge = new MergeStage(metricChoice, staged, grown, staging, conf);
      MergePlan plan = merge.plan();
      StagedFile file = stage("merge", () -> merge.run(spark));
      progress.accept(
          String.format("merge    %,d nodes, %,d bytes", plan.totalNodes(), plan.totalBytes()));
      return new Result(file, metadata(plan, summary, mapper, file));
    }

    private IndexMetadata metadata(
        MergePlan plan, InputSummary summary, IdMapper mapper, StagedFile file) {
      Metric built = metricChoice.metric();
      return new IndexMetadata(
          IndexMetadata.FORMAT_VERSION,
          name,
          built.name(),
          built.dimension(),
          built.dotLayoutLabel(),
          plan.items(),
          (int) (plan.items() - summary.rows()),
          plan.trees(),
          plan.totalNodes(),
          plan.layout().nodeBytes(),
          seed,
          new IndexMetadata.Ids(
              mapper.isMapped(),
              ids.type(),
              mapper.isMapped() ? IndexDirectory.idsName(name) : null),
          new IndexMetadata.IndexFile(
              IndexDirectory.indexName(name),
              file.lengthBytes(),
              file.checksumChunkBytes(),
              file.crc32c()),
          "annoy-spark " + Version.NAME);
    }

    private Report publish(Result result) throws IOException {
      IndexMetadata metadata = result.metadata();
      FileSystem fs = directory.fs();
      String previous = directory.isIndex() ? directory.readMetadata().build() : null;
      Path target = new Path(directory.path(), metadata.file().name());
      if (!fs.rename(result.file().toPath(), target)) {
        throw new IOException("cannot rename " + result.file().path() + " to " + target);
      }
      metadata.file().checkLength(target.toString(), fs.getFileStatus(target).getLen());
      try {
        directory.commit(metadata);
      } catch (IOException | RuntimeException e) {
        throw new CommitUnknownException(
            directory.metadataFile()
                + ": writing it failed, and it may or may not be in place: "
                + e.getMessage()
                + "; nothing was deleted; if it names build "
                + metadata.build()
                + ", the index is whole",
            e);
      }
      tidyUp(metadata.build(), previous);
      return new Report(directory.path().toString(), metadata, stageMillis);
    }

    /** The index is published: what fails from here on must not take it back. */
    private void tidyUp(String current, String previous) {
      Set<String> kept = new HashSet<>(Set.of(current));
      if (previous != null) {
        kept.add(previous);
      }
      try {
        directory.fs().delete(staging, true);
        directory.removeBuildsExcept(kept);
      } catch (IOException | RuntimeException e) {
        progress.accept("commit   done, but files nobody needs are left: " + e.getMessage());
      }
    }

    private void cleanUp(boolean isNew, Exception cause) {
      try {
        FileSystem fs = directory.fs();
        fs.delete(staging, true);
        fs.delete(new Path(directory.path(), IndexDirectory.indexName(name)), false);
        fs.delete(new Path(directory.path(), IndexDirectory.idsName(name)), true);
        if (isNew && fs.exists(directory.path()) && fs.listStatus(directory.path()).length == 0) {
          fs.delete(directory.path(), false);
        }
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }

    private <T> T stage(String stage, StageWork<T> work) throws IOException {
      session.sparkContext().setJobDescription("annoy-spark build: " + stage);
      long start = System.nanoTime();
      T result = work.run();
      stageMillis.merge(stage, (System.nanoTime() - start) / 1_000_000, Long::sum);
      return result;
    }
  }

  private interface StageWork<T> {
    T run() throws IOException;
  }

  private record Result(StagedFile file, IndexMetadata metadata) {}
}
