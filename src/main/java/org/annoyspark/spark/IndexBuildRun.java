package org.annoyspark.spark;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.MergePlan;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.AnnoyConf;
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.PartReceipt;
import org.annoyspark.storage.PartUpload;
import org.annoyspark.storage.PartUploads;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** One run of a build: check, number, stage items, grow trees, merge, commit. */
final class IndexBuildRun {

  private static final DateTimeFormatter BUILD_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final SerializableConfiguration conf;
  private final IndexDirectory directory;
  private final IndexBuild.Input input;
  private final IndexBuild.Options options;
  private final String name;
  private final Path staging;
  private PartUpload upload;

  /** From the commit on: whatever fails then, nothing is deleted that metadata may name. */
  private boolean mayBePublished;

  private final Map<String, Long> stageMillis = new LinkedHashMap<>();

  IndexBuildRun(
      SparkSession session,
      Configuration conf,
      IndexDirectory directory,
      IndexBuild.Input input,
      IndexBuild.Options options) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.conf = new SerializableConfiguration(conf);
    this.directory = directory;
    this.input = input;
    this.options = options;
    // Time sorts builds, chance keeps two of the same moment apart; neither reaches the file.
    this.name =
        BUILD_TIME.format(Instant.now()) + String.format("-%08x", new SecureRandom().nextInt());
    this.staging = directory.staging(name);
  }

  /** What the check found out, and what follows from it. */
  private record Checked(InputSummary summary, IdMapper mapper, MetricChoice metric) {}

  /** The final file in parts, not visible yet. */
  private record Merged(MergeStage stage, List<PartReceipt> receipts, IndexMetadata metadata) {}

  private interface StageWork<T> {
    T run() throws IOException;
  }

  IndexBuild.Report run() throws IOException {
    for (String other : directory.stagingNames()) {
      tell("note: %s/%s is of a build that runs or was killed", directory.path(), other);
    }
    // A setting that cannot be used is better known now than when the trees are grown.
    new AnnoyConf(conf.value()).check();
    Checked checked = stage("check", this::check);
    boolean isNew = !directory.fs().exists(directory.path());
    try {
      Merged merged = build(checked);
      return stage("commit", () -> publish(merged));
    } catch (Throwable e) {
      // Spark throws checked exceptions that Scala does not declare, and memory may run out.
      if (!mayBePublished) {
        cleanUp(isNew, e);
      }
      throw e;
    }
  }

  private Checked check() {
    InputSummary summary = InputCheck.checkItems(input.rows(), input.vectors(), input.ids());
    IdMapper mapper = new IdMapper(input.ids(), summary);
    MetricChoice metric =
        new MetricChoice(options.metric(), summary.dimension(), options.dotLayout());
    checkFits(metric, mapper.items(summary), summary.rows());
    tell(
        "check    %,d items of dimension %,d, ids %s%s",
        summary.rows(),
        summary.dimension(),
        input.ids().type(),
        mapper.isMapped() ? ", mapped to item numbers" : "");
    return new Checked(summary, mapper, metric);
  }

  private void checkFits(MetricChoice metric, long items, long presentItems) {
    if (options.trees().isAuto()) {
      MergePlan.checkFitsTwice(items);
    } else {
      int trees = options.trees().fixed();
      MergePlan.checkFits(metric.metric().layout(), items, presentItems, trees);
    }
  }

  private Merged build(Checked checked) throws IOException {
    JavaPairRDD<Row, Integer> numbered = stage("ids", () -> number(checked));
    StagedItems items = stage("items", () -> stageItems(checked, numbered));
    List<TreeStage.GrownTree> trees = stage("trees", () -> growTrees(checked, items));
    return stage("merge", () -> merge(checked, items, trees));
  }

  private JavaPairRDD<Row, Integer> number(Checked checked) {
    IdMapper mapper = checked.mapper();
    JavaPairRDD<Row, Integer> numbered = mapper.number(input.rows());
    if (mapper.isMapped()) {
      mapper.writeIds(session, numbered, stagedIds());
      tell("ids      %,d mapped", checked.summary().rows());
    }
    return numbered;
  }

  private StagedItems stageItems(Checked checked, JavaPairRDD<Row, Integer> numbered) {
    int items = Math.toIntExact(checked.mapper().items(checked.summary()));
    float largestSquaredNorm = checked.summary().largestSquaredNorm();
    StagedItems staged =
        new ItemStage(checked.metric(), items, largestSquaredNorm, staging, conf)
            .run(numbered, input.vectors());
    tell("items    %,d nodes in %,d pieces", items, staged.pieces().size());
    return staged;
  }

  private List<TreeStage.GrownTree> growTrees(Checked checked, StagedItems items) {
    List<TreeStage.GrownTree> trees =
        new TreeStage(checked.metric(), options.seed(), items, staging, conf)
            .run(spark, options.trees());
    long nodes = trees.stream().mapToLong(TreeStage.GrownTree::nodes).sum();
    tell("trees    %,d with %,d nodes", trees.size(), nodes);
    return trees;
  }

  private Merged merge(Checked checked, StagedItems items, List<TreeStage.GrownTree> trees)
      throws IOException {
    MergeStage merge = new MergeStage(checked.metric(), items, trees, conf);
    MergePlan plan = merge.plan();
    String fileName = IndexDirectory.indexName(name);
    upload =
        PartUploads.begin(
            new Path(directory.path(), fileName), staging, plan.totalBytes(), conf.value());
    MergeStage.Written written = merge.run(spark, upload, fileName);
    tell(
        "merge    %,d nodes, %,d bytes in %,d parts: %s",
        plan.totalNodes(), plan.totalBytes(), written.receipts().size(), upload.description());
    return new Merged(merge, written.receipts(), metadata(checked, plan, written.file()));
  }

  private IndexMetadata metadata(Checked checked, MergePlan plan, IndexMetadata.IndexFile file) {
    Metric metric = checked.metric().metric();
    boolean mapped = checked.mapper().isMapped();
    return new IndexMetadata(
        IndexMetadata.FORMAT_VERSION,
        name,
        metric.name(),
        metric.dimension(),
        metric.dotLayoutLabel(),
        plan.items(),
        (int) (plan.items() - checked.summary().rows()),
        plan.trees(),
        plan.totalNodes(),
        plan.layout().nodeBytes(),
        options.seed(),
        new IndexMetadata.Ids(
            mapped, input.ids().type(), mapped ? IndexDirectory.idsName(name) : null),
        file,
        "annoy-spark " + Version.NAME,
        Map.of("trees", options.trees().toString()),
        null);
  }

  private IndexBuild.Report publish(Merged merged) throws IOException {
    Optional<IndexMetadata> replaced = publishedBuild();
    IndexMetadata metadata =
        merged.metadata().replacing(replaced.map(IndexMetadata::build).orElse(null));
    if (metadata.ids().mapped()) {
      rename(stagedIds(), new Path(directory.path(), metadata.ids().directory()));
    }
    Path target = new Path(directory.path(), metadata.file().name());
    upload.complete(merged.receipts(), conf.value());
    merged.stage().verify(spark, target, metadata.file());
    commit(metadata);
    tidy(replaced);
    return new IndexBuild.Report(directory.path().toString(), metadata, stageMillis);
  }

  private Path stagedIds() {
    return new Path(staging, "ids");
  }

  private void rename(Path from, Path to) throws IOException {
    if (!directory.fs().rename(from, to)) {
      throw new IOException("cannot rename " + from + " to " + to);
    }
  }

  /** The build that is being replaced. */
  private Optional<IndexMetadata> publishedBuild() throws IOException {
    return directory.isIndex() ? Optional.of(directory.readMetadata()) : Optional.empty();
  }

  /**
   * Removes staging, and the build before the one that was replaced: it has been replaced itself,
   * so no other build that runs here can be about to name it. What cannot be removed is litter, and
   * no failure: the index is published.
   */
  private void tidy(Optional<IndexMetadata> replaced) {
    try {
      directory.fs().delete(staging, true);
      if (replaced.isPresent() && replaced.get().previousBuild() != null) {
        directory.removeBuild(replaced.get().previousBuild());
      }
    } catch (IOException | RuntimeException e) {
      tell("warning: older files are left in %s: %s", directory.path(), e.getMessage());
    }
  }

  private void commit(IndexMetadata metadata) throws CommitUnknownException {
    mayBePublished = true;
    try {
      directory.commit(metadata, options.overwrite());
    } catch (IllegalArgumentException e) {
      mayBePublished = false;
      throw e;
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
  }

  /** Each step is tried, whatever comes of the others. */
  private void cleanUp(boolean isNew, Throwable cause) {
    FileSystem fs = directory.fs();
    List<CleanUp> steps =
        List.of(
            () -> {
              if (upload != null) {
                upload.abort(conf.value());
              }
            },
            () -> fs.delete(staging, true),
            () -> fs.delete(new Path(directory.path(), IndexDirectory.indexName(name)), false),
            () -> fs.delete(new Path(directory.path(), IndexDirectory.idsName(name)), true),
            () -> {
              if (isNew && fs.exists(directory.path()) && directory.isEmpty()) {
                fs.delete(directory.path(), false);
              }
            });
    for (CleanUp step : steps) {
      try {
        step.run();
      } catch (IOException | RuntimeException e) {
        cause.addSuppressed(e);
      }
    }
  }

  private interface CleanUp {
    void run() throws IOException;
  }

  private void tell(String format, Object... values) {
    options.progress().accept(String.format(format, values));
  }

  private <T> T stage(String stage, StageWork<T> work) throws IOException {
    session.sparkContext().setJobDescription("annoy-spark build: " + stage);
    long start = System.nanoTime();
    T result = work.run();
    stageMillis.put(stage, (System.nanoTime() - start) / 1_000_000);
    return result;
  }
}
