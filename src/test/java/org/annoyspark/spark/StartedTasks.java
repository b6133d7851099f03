package org.annoyspark.spark;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Which tasks have been started, by the names of their stages. Kept for the whole JVM, so that
 * {@code spark.extraListeners} can watch a session that a command opens and stops.
 */
public final class StartedTasks extends SparkListener {

  private static final List<String> STARTED = new CopyOnWriteArrayList<>();

  private final Map<Integer, String> stages = new ConcurrentHashMap<>();

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted stage) {
    stages.put(stage.stageInfo().stageId(), stage.stageInfo().name());
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart task) {
    STARTED.add(stages.getOrDefault(task.stageId(), "unknown"));
  }

  /** From now on. */
  public static void forget() {
    STARTED.clear();
  }

  /** For each task the name of its stage; complete for sessions that are stopped. */
  public static List<String> stages() {
    return List.copyOf(STARTED);
  }

  /** The same, of a session that runs. */
  static List<String> stages(SparkContext context) throws Exception {
    context.listenerBus().waitUntilEmpty();
    return stages();
  }
}
