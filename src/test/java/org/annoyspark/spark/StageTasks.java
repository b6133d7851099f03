package org.annoyspark.spark;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;

/** How many tasks the stages of a session have; all of it is known once the session is stopped. */
final class StageTasks extends SparkListener {

  private record Submitted(String job, int tasks) {}

  private final List<Submitted> stages = new CopyOnWriteArrayList<>();

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted stage) {
    String job = stage.properties().getProperty("spark.job.description");
    stages.add(new Submitted(job, stage.stageInfo().numTasks()));
  }

  /** Of the stages that a build describes so, in order. */
  List<Integer> of(String description) {
    return stages.stream()
        .filter(stage -> ("annoy-spark build: " + description).equals(stage.job()))
        .map(Submitted::tasks)
        .toList();
  }
}
