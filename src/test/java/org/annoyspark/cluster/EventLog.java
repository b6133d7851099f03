package org.annoyspark.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What became of the tasks of a job, as Spark's event log has it. */
final class EventLog {

  private static final ObjectMapper JSON = new ObjectMapper();

  private EventLog() {}

  /**
   * An attempt that has ended.
   *
   * @param job the description of its job
   * @param reason Success, ExecutorLostFailure, FetchFailed, TaskKilled, …
   */
  record TaskEnd(String job, String reason, boolean isSpeculative) {}

  /** Settings that write the log of one application to a directory, which must exist. */
  static Map<String, String> settings(Path directory) {
    return Map.of(
        "spark.eventLog.enabled", "true",
        "spark.eventLog.dir", directory.toUri().toString(),
        "spark.eventLog.rolling.enabled", "false",
        "spark.eventLog.compress", "false");
  }

  /** The ends of all attempts, in order. */
  static List<TaskEnd> taskEnds(Path directory) throws IOException {
    Map<Integer, String> jobs = new HashMap<>();
    List<TaskEnd> ends = new ArrayList<>();
    for (String line : lines(directory)) {
      JsonNode event = JSON.readTree(line);
      switch (event.path("Event").asText()) {
        case "SparkListenerStageSubmitted" ->
            jobs.put(
                event.path("Stage Info").path("Stage ID").asInt(),
                event.path("Properties").path("spark.job.description").asText());
        case "SparkListenerTaskEnd" ->
            ends.add(
                new TaskEnd(
                    jobs.get(event.path("Stage ID").asInt()),
                    event.path("Task End Reason").path("Reason").asText(),
                    event.path("Task Info").path("Speculative").asBoolean()));
        default -> {}
      }
    }
    return ends;
  }

  private static List<String> lines(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return Files.readAllLines(files.findFirst().orElseThrow());
    }
  }
}
