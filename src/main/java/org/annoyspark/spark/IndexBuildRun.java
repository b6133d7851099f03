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
import org.annoyspark.storage.StagedFile;
import org.annoyspark.storage.Staging;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** One run of a build: check, number, stage items, grow trees, merge, commit. */
final class IndexBuildRun {

  private static final DateTimeFormatter BUILD_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

  /** Spark's name for what is shown of a job. */
  private static final String JOB_DESCRIPTION = "spark.job.description";

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final SerializableConfiguration conf;
  private final IndexDirectory directory;
  private final IndexBuild.Input input;
  private final IndexBuild.Options options;
  private final String name;
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
  }

  /** What the check found out, and what follows from it. */
  private record Checked(InputSummary summary, IdMapper mapper, MetricChoice metric) {}

  /** The final file in parts, not visible yet. */
  private record Merged(MergeStage stage, List<PartReceipt> receipts, IndexMetadata metadata) {}

  private interface StageWork<T> {
    T run() throws IOException;
  }

  IndexBuild.Report run() throws IOException {
    // A setting that cannot be used is better known now than when the trees are grown.
    new AnnoyConf(conf.value()).check();
    List<String> others = directory.stagingNames();
    Checked checked = stage("check", this::check);
    String identity = identity(checked);
    Leftovers leftovers =
        options.resume() ? stage("resume", () -> resume(identity)) : Leftovers.none();
    for (String other : others) {
      if (!leftovers.names().contains(other)) {
        tell("note: %s/%s is of a build that runs or was killed", directory.path(), other);
      }
    }
    try (BuildTasks tasks = BuildTasks.watch(session.sparkContext(), name)) {
      return build(checked, leftovers, identity, tasks);
    }
  }

  private IndexBuild.Report build(
      Checked checked, Leftovers leftovers, String identity, BuildTasks tasks) throws IOException {
    Publication publication = new Publication(directory, name, options, tasks, conf.value());
    try {
      Merged merged = build(checked, leftovers, publication.stage(identity), publication);
      IndexMetadata published =
          stage(
              "commit",
              () ->
                  publication.publish(
                      merged.metadata(),
                      merged.receipts(),
                      file -> merged.stage().verify(spark, file, merged.metadata().file()),
                      leftovers));
      return new IndexBuild.Report(directory.path().toString(), published, stageMillis);
    } catch (Throwable e) {
      // Spark throws checked exceptions that Scala does not declare, and memory may run out.
      publication.takeBack(e);
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

  /** Everything that the bytes of item nodes and of a tree follow from, in words. */
  private String identity(Checked checked) {
    return String.join(
        "\n",
        "annoy-spark " + Version.NAME,
        "metric " + checked.metric().metric() + normCapInWords(checked),
        "seed " + options.seed(),
        "ids " + input.ids().type() + (checked.mapper().isMapped() ? ", mapped" : ""),
        "rows " + checked.summary().rows(),
        String.format("content %016x", checked.summary().contentHash()));
  }

  private String normCapInWords(Checked checked) {
    return checked.metric().metric().hasNormCap() ? ", norm cap " + options.dotNormCap() : "";
  }

  private Leftovers resume(String identity) throws IOException {
    List<Staging> left = Staging.left(directory, identity, conf.value());
    Leftovers leftovers = Leftovers.find(left, spark, conf);
    if (leftovers.isEmpty()) {
      tell("resume   nothing to go on from: no killed build of these rows and options");
    } else {
      tell("resume   %,d trees of %s", leftovers.trees().size(), leftovers.names());
    }
    return leftovers;
  }

  private Merged build(
      Checked checked, Leftovers leftovers, Staging staging, Publication publication)
      throws IOException {
    JavaPairRDD<Row, Integer> numbered = stage("ids", () -> number(checked, publication));
    StagedItems items =
        stage("items", () -> stageItems(checked, leftovers, numbered, staging.pieces()));
    List<GrownTree> trees =
        stage("trees", () -> growTrees(checked, leftovers, items, staging.pieces()));
    return stage("merge", () -> merge(checked, items, trees, publication));
  }

  private JavaPairRDD<Row, Integer> number(Checked checked, Publication publication) {
    IdMapper mapper = checked.mapper();
    JavaPairRDD<Row, Integer> numbered = mapper.number(input.rows());
    if (mapper.isMapped()) {
      mapper.writeIds(session, numbered, publication.stagedIds());
      tell("ids      %,d mapped", checked.summary().rows());
    }
    return numbered;
  }

  private StagedItems stageItems(
      Checked checked, Leftovers leftovers, JavaPairRDD<Row, Integer> numbered, Path pieces) {
    int items = Math.toIntExact(checked.mapper().items(checked.summary()));
    Optional<StagedItems> kept = leftovers.items(checked.metric().metric().layout(), items);
    float squaredNormCap = options.dotNormCap().squaredNorm(checked.summary().norms());
    StagedItems staged =
        kept.orElseGet(
            () ->
                new ItemStage(checked.metric(), items, squaredNormCap, pieces, conf)
                    .run(numbered, input.vectors()));
    tell(
        "items    %,d nodes in %,d pieces%s",
        items, staged.pieces().size(), kept.isPresent() ? ", kept" : "");
    return staged;
  }

  private List<GrownTree> growTrees(
      Checked checked, Leftovers leftovers, StagedItems items, Path pieces) {
    Map<Integer, StagedFile> kept = leftovers.trees();
    TreeWork work = new TreeWork(checked.metric(), options.seed(), items, pieces.toString(), conf);
    List<GrownTree> trees;
    try {
      trees = new TreeStage(work, kept).run(spark, options.trees());
    } finally {
      describe(spark, "copies of items, removed");
      OpenItems.removeEverywhere(spark, items, conf);
    }
    long nodes = trees.stream().mapToLong(GrownTree::nodes).sum();
    long old = trees.stream().filter(tree -> kept.containsKey(tree.tree())).count();
    tell(
        "trees    %,d with %,d nodes%s",
        trees.size(), nodes, old > 0 ? String.format(", %,d of them kept", old) : "");
    return trees;
  }

  private Merged merge(
      Checked checked, StagedItems items, List<GrownTree> trees, Publication publication)
      throws IOException {
    MergeStage merge = new MergeStage(checked.metric(), items, trees, conf);
    MergePlan plan = merge.plan();
    PartUpload upload = publication.begin(plan.totalBytes());
    MergeStage.Written written = merge.run(spark, upload, IndexDirectory.indexName(name));
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
        parameters(metric),
        null);
  }

  /** What was asked for, where the outcome does not tell it. */
  private Map<String, String> parameters(Metric metric) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("trees", options.trees().toString());
    if (metric.hasNormCap()) {
      parameters.put("dotNormCap", options.dotNormCap().toString());
    }
    return parameters;
  }

  private void tell(String format, Object... values) {
    options.progress().accept(String.format(format, values));
  }

  /** Says in Spark's UI what its next jobs are for. */
  static void describe(JavaSparkContext spark, String stage) {
    spark.sc().setJobDescription("annoy-spark build: " + stage);
  }

  private <T> T stage(String stage, StageWork<T> work) throws IOException {
    SparkContext context = session.sparkContext();
    String callersDescription = context.getLocalProperty(JOB_DESCRIPTION);
    describe(spark, stage);
    long start = System.nanoTime();
    try {
      return work.run();
    } finally {
      stageMillis.put(stage, (System.nanoTime() - start) / 1_000_000);
      context.setJobDescription(callersDescription);
    }
  }
}
