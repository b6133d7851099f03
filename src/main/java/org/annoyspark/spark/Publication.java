package org.annoyspark.spark;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.PartReceipt;
import org.annoyspark.storage.PartUpload;
import org.annoyspark.storage.PartUploads;
import org.annoyspark.storage.Staging;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** How what a build makes gets into the index directory: whole, or not at all. */
final class Publication {

  private final IndexDirectory directory;
  private final Configuration conf;
  private final Consumer<String> progress;
  private final boolean overwrite;
  private final boolean isNew;
  private final String build;
  private final BuildTasks tasks;
  private Staging staging;
  private PartUpload upload;

  /** From the commit on: whatever fails then, nothing is deleted that metadata may name. */
  private boolean mayBePublished;

  Publication(
      IndexDirectory directory,
      String build,
      boolean overwrite,
      Consumer<String> progress,
      BuildTasks tasks,
      Configuration conf)
      throws IOException {
    this.directory = directory;
    this.build = build;
    this.overwrite = overwrite;
    this.progress = progress;
    this.tasks = tasks;
    this.conf = conf;
    this.isNew = !directory.fs().exists(directory.path());
  }

  /** Creates the build's staging. */
  Staging stage(String identity) throws IOException {
    staging = Staging.create(directory, build, identity, conf);
    return staging;
  }

  /** Where ids are written before they are published. */
  Path stagedIds() {
    return new Path(staging.path(), "ids");
  }

  /** Begins to write the Annoy file. */
  PartUpload begin(long lengthBytes) throws IOException {
    Path target = new Path(directory.path(), IndexDirectory.indexName(build));
    upload = PartUploads.begin(target, staging.path(), lengthBytes, conf);
    return upload;
  }

  /** A last look at the complete file, before anybody sees it. */
  interface FinalCheck {
    void run(Path file) throws IOException;
  }

  /**
   * Publishes a build whose parts have all been put, and removes what it replaces.
   *
   * @param replacedBuild the build that has to be in force still; null if it may be any, or none
   * @throws IOException if another one is
   */
  IndexMetadata publish(
      IndexMetadata built,
      List<PartReceipt> receipts,
      FinalCheck check,
      String replacedBuild,
      Leftovers leftovers)
      throws IOException {
    if (built.ids().mapped()) {
      rename(stagedIds(), new Path(directory.path(), built.ids().directory()));
    }
    upload.complete(receipts, conf);
    check.run(new Path(directory.path(), built.file().name()));
    // Not before: another build may have been published while this one was checked.
    Optional<IndexMetadata> replaced =
        directory.isIndex() ? Optional.of(directory.readMetadata()) : Optional.empty();
    IndexMetadata metadata = built.replacing(replaced.map(IndexMetadata::build).orElse(null));
    // Nobody could read what says something else, nor publish over it.
    metadata.check(directory.metadataFile().toString());
    if (replaced.isPresent()) {
      directory.keepMetadata(replaced.get(), staging.path());
    }
    directory.keepMetadata(metadata, staging.path());
    checkReplaces(replacedBuild);
    commit(metadata);
    tidy(metadata, leftovers);
    return metadata;
  }

  /** As late as can be: between this and the commit there is nothing but the commit. */
  private void checkReplaces(String expectedBuild) throws IOException {
    if (expectedBuild == null) {
      return;
    }
    String found = directory.isIndex() ? directory.readMetadata().build() : "none";
    if (!expectedBuild.equals(found)) {
      throw new IOException(
          directory.path()
              + ": expected build "
              + expectedBuild
              + ", which this one goes on from, found build "
              + found
              + ": it was published meanwhile, and stays");
    }
  }

  private void rename(Path from, Path to) throws IOException {
    if (!directory.fs().rename(from, to)) {
      throw new IOException("cannot rename " + from + " to " + to);
    }
  }

  private void commit(IndexMetadata metadata) throws IOException {
    mayBePublished = true;
    try {
      directory.commit(metadata, staging.path(), overwrite);
    } catch (IOException | RuntimeException e) {
      if (!isInForce(metadata, e)) {
        mayBePublished = false;
        throw e;
      }
    }
  }

  /** Whether a commit that failed took effect all the same, as where only the reply was lost. */
  private boolean isInForce(IndexMetadata metadata, Exception failure)
      throws CommitUnknownException {
    try {
      boolean isInForce =
          directory.isIndex() && directory.readMetadata().build().equals(metadata.build());
      if (isInForce || !mayBeUnderWay(failure)) {
        return isInForce;
      }
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
    throw new CommitUnknownException(
        directory.metadataFile()
            + ": writing it failed, and it may or may not be in place: "
            + failure.getMessage()
            + "; nothing was deleted; if it names build "
            + metadata.build()
            + ", the index is whole",
        failure);
  }

  /** A request that was interrupted, or that had no answer in time, may take effect later. */
  private static boolean mayBeUnderWay(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      // a SocketTimeoutException is one, too
      if (cause instanceof InterruptedIOException || cause instanceof InterruptedException) {
        return true;
      }
    }
    return false;
  }

  /**
   * Removes staging and, if this build may replace others, those that nobody needs any more. What
   * cannot be removed is litter, and no failure: the index is published.
   */
  private void tidy(IndexMetadata published, Leftovers leftovers) {
    afterTasks(() -> remove(published, leftovers));
  }

  private void remove(IndexMetadata published, Leftovers leftovers) {
    try {
      staging.delete();
      leftovers.remove(directory, published);
      if (overwrite) {
        directory.removeOutdated();
      }
    } catch (IOException | RuntimeException e) {
      progress.accept(
          String.format(
              "warning: older files are left in %s: %s", directory.path(), e.getMessage()));
    }
  }

  /**
   * Undoes what has been done, after a failure, unless it may be published. Each step is tried,
   * whatever comes of the others.
   */
  void takeBack(Throwable cause) {
    if (mayBePublished) {
      return;
    }
    afterTasks(() -> undo(cause));
  }

  private void undo(Throwable cause) {
    FileSystem fs = directory.fs();
    List<Step> steps =
        List.of(
            () -> {
              if (upload != null) {
                upload.abort(conf);
              }
            },
            () -> {
              if (staging != null) {
                staging.delete();
              }
            },
            () -> directory.removeBuild(build),
            () -> {
              if (isNew && fs.exists(directory.path()) && directory.isEmpty()) {
                fs.delete(directory.path(), false);
              }
            });
    for (Step step : steps) {
      try {
        step.run();
      } catch (IOException | RuntimeException e) {
        cause.addSuppressed(e);
      }
    }
  }

  /** Hadoop refuses every call of an interrupted thread, but these have to be made. */
  private void afterTasks(Runnable cleaning) {
    boolean isInterrupted = Thread.interrupted();
    tasks.awaitEnd();
    isInterrupted |= Thread.interrupted();
    try {
      cleaning.run();
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private interface Step {
    void run() throws IOException;
  }
}
