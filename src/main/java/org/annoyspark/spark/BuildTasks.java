package org.annoyspark.spark;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Which tasks of a build are running. A job that has failed, or has had enough of the faster
 * attempt at a task, does not wait for the others: they go on writing for a while, and what they
 * write would stay for good if it came after the cleaning up.
 */
final class BuildTasks extends SparkListener implements AutoCloseable {

  /** A stalled executor must not keep a build from ending. */
  private static final long MOST_WAIT_MILLIS = 20_000;

  private static final String BUILD_PROPERTY = "spark.annoy.build";

  private final SparkContext spark;
  private final String build;
  private final Set<Integer> openJobs = new HashSet<>();
  private final Set<Integer> stages = new HashSet<>();
  private final Set<Long> running = new HashSet<>();

  private BuildTasks(SparkContext spark, String build) {
    this.spark = spark;
    this.build = build;
  }

  /**
   * Watches what this thread has Spark run, until closed.
   *
   * @param build its name, which no other build has
   */
  static BuildTasks watch(SparkContext spark, String build) {
    BuildTasks tasks = new BuildTasks(spark, build);
    spark.setLocalProperty(BUILD_PROPERTY, build);
    spark.addSparkListener(tasks);
    return tasks;
  }

  @Override
  public synchronized void onJobStart(SparkListenerJobStart job) {
    if (build.equals(job.properties().getProperty(BUILD_PROPERTY))) {
      openJobs.add(job.jobId());
      CollectionConverters.asJava(job.stageIds()).forEach(id -> stages.add((Integer) id));
    }
  }

  @Override
  public synchronized void onJobEnd(SparkListenerJobEnd job) {
    openJobs.remove(job.jobId());
    notifyAll();
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart task) {
    if (stages.contains(task.stageId())) {
      running.add(task.taskInfo().taskId());
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
    if (task.taskInfo() != null) {
      running.remove(task.taskInfo().taskId());
      notifyAll();
    }
  }

  /** Waits until none runs any more, though not for ever. */
  synchronized void awaitEnd() {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MOST_WAIT_MILLIS);
    try {
      while (!(openJobs.isEmpty() && running.isEmpty())) {
        long leftMillis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (leftMillis <= 0) {
          return;
        }
        wait(leftMillis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    spark.removeSparkListener(this);
    spark.setLocalProperty(BUILD_PROPERTY, null);
  }
}
