package org.annoyspark.spark;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.MergePlan;
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.PartReceipt;
import org.annoyspark.storage.PartUpload;
import org.annoyspark.storage.Staging;
import org.annoyspark.storage.UnreachableException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What all ways to make an index have in common: stages that are timed and told of, and a staged
 * forest that is merged into one file and published, whole or not at all.
 */
final class BuildRun {

  private static final Logger LOG = System.getLogger(BuildRun.class.getName());

  private static final DateTimeFormatter BUILD_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final TaskConf conf;
  private final IndexDirectory directory;
  private final boolean overwrite;
  private final Consumer<String> progress;
  private final String name;
  private final Map<String, Long> stageMillis = new LinkedHashMap<>();

  /**
   * A run that publishes in a directory.
   *
   * @param overwrite whether an index that is there may be replaced
   * @param progress receives a line after each stage
   * @throws IllegalArgumentException if something is in the way
   */
  static BuildRun into(
      String output,
      SparkSession session,
      Configuration conf,
      boolean overwrite,
      Consumer<String> progress)
      throws IOException {
    IndexDirectory directory =
        UnreachableException.naming(
            "output",
            output,
            () -> {
              IndexDirectory found = new IndexDirectory(output, conf);
              found.checkWritable(overwrite);
              return found;
            });
    return new BuildRun(session, conf, directory, overwrite, progress);
  }

  private BuildRun(
      SparkSession session,
      Configuration conf,
      IndexDirectory directory,
      boolean overwrite,
      Consumer<String> progress) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.conf = new TaskConf(spark, conf);
    this.directory = directory;
    this.overwrite = overwrite;
    this.progress = progress;
    // Time sorts builds, chance keeps two of the same moment apart; neither reaches the file.
    this.name =
        BUILD_TIME.format(Instant.now()) + String.format("-%08x", new SecureRandom().nextInt());
  }

  /** Where a forest comes from. */
  interface Forest {

    /** Everything that the bytes of its pieces follow from, in words. */
    String identity();

    /** What killed builds have left of it. */
    Leftovers leftovers();

    /** Makes its pieces, and its ids if they are mapped. */
    StagedForest stage(Staging staging, Publication publication) throws IOException;

    /** What is published with the file. */
    IndexMetadata metadata(MergePlan plan, IndexMetadata.IndexFile file);

    /** The build that the published one is to replace; null if it may be any. */
    default String replacedBuild() {
      return null;
    }
  }

  /** All pieces of a file. */
  record StagedForest(MetricChoice metric, StagedItems items, List<GrownTree> trees) {}

  /** The final file in parts, not visible yet. */
  private record Merged(
      MergeStage stage, List<PartReceipt> receipts, IndexMetadata metadata, String upload) {}

  SparkSession session() {
    return session;
  }

  JavaSparkContext spark() {
    return spark;
  }

  TaskConf conf() {
    return conf;
  }

  IndexDirectory directory() {
    return directory;
  }

  /** Of this build; no other has it. */
  String name() {
    return name;
  }

  /** Stages a forest, merges it and publishes it. */
  IndexBuild.Report publish(Forest forest) throws IOException {
    for (String other : directory.stagingNames()) {
      if (!forest.leftovers().names().contains(other)) {
        tell("note: %s/%s is of a build that runs or was killed", directory.path(), other);
      }
    }
    try (BuildTasks tasks = BuildTasks.watch(session.sparkContext(), name)) {
      Publication publication =
          new Publication(directory, name, overwrite, progress, tasks, conf.value());
      try {
        Staging staging = publication.stage(forest.identity());
        StagedForest staged = forest.stage(staging, publication);
        Merged merged = stage("merge", () -> merge(forest, staged, publication));
        IndexMetadata published = stage("commit", () -> commit(forest, merged, publication));
        return new IndexBuild.Report(
            directory.path().toString(), published, merged.upload(), stageMillis);
      } catch (Throwable e) {
        // Spark throws checked exceptions that Scala does not declare, and memory may run out.
        publication.takeBack(e);
        throw e;
      }
    }
  }

  private Merged merge(Forest forest, StagedForest staged, Publication publication)
      throws IOException {
    MergeStage merge = new MergeStage(staged.metric(), staged.items(), staged.trees(), conf);
    MergePlan plan = merge.plan();
    PartUpload upload = publication.begin(plan.totalBytes());
    MergeStage.Written written = merge.run(spark, upload, IndexDirectory.indexName(name));
    tell(
        "merge    %,d nodes, %,d bytes in %,d parts: %s",
        plan.totalNodes(), plan.totalBytes(), written.receipts().size(), upload.description());
    LOG.log(Level.INFO, "{0}: written by {1}", written.file().name(), upload.description());
    IndexMetadata metadata = forest.metadata(plan, written.file());
    return new Merged(merge, written.receipts(), metadata, upload.description());
  }

  private IndexMetadata commit(Forest forest, Merged merged, Publication publication)
      throws IOException {
    return publication.publish(
        merged.metadata(),
        merged.receipts(),
        file -> merged.stage().verify(spark, file, merged.metadata().file()),
        forest.replacedBuild(),
        forest.leftovers());
  }

  void tell(String format, Object... values) {
    progress.accept(String.format(format, values));
  }

  /** Says in Spark's UI what its next jobs are for. */
  static void describe(JavaSparkContext spark, String stage) {
    spark.sc().setJobDescription(description(stage));
  }

  private static String description(String stage) {
    return "annoy-spark build: " + stage;
  }

  /** Runs and times a stage. */
  <T> T stage(String stage, JobDescription.Work<T> work) throws IOException {
    long start = System.nanoTime();
    try {
      return JobDescription.during(session.sparkContext(), description(stage), work);
    } finally {
      stageMillis.put(stage, (System.nanoTime() - start) / 1_000_000);
    }
  }
}
