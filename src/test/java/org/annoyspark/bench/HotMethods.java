package org.annoyspark.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where a recording of the JVM was found at work: the share of its samples by method of ours, with
 * what that calls outside of ours, and by package where none of ours was running.
 */
final class HotMethods {

  private static final String OURS = "org.annoyspark.";
  private static final double LEAST_SHARE = 0.01;

  private HotMethods() {}

  /**
   * @param args a recording: {@code java -XX:StartFlightRecording=filename=FILE,settings=profile}
   */
  public static void main(String[] args) throws IOException {
    Map<String, Integer> samples = new HashMap<>();
    int all = 0;
    try (RecordingFile recording = new RecordingFile(Path.of(args[0]))) {
      while (recording.hasMoreEvents()) {
        RecordedEvent event = recording.readEvent();
        if (event.getEventType().getName().equals("jdk.ExecutionSample")
            && event.getStackTrace() != null) {
          samples.merge(place(event), 1, Integer::sum);
          all++;
        }
      }
    }
    int total = all;
    System.out.println(total + " samples");
    samples.entrySet().stream()
        .filter(entry -> entry.getValue() >= LEAST_SHARE * total)
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .forEach(
            entry ->
                System.out.printf(
                    Locale.ROOT,
                    "%5.1f %%  %s%n",
                    100.0 * entry.getValue() / total,
                    entry.getKey()));
  }

  private static String place(RecordedEvent event) {
    for (RecordedFrame frame : event.getStackTrace().getFrames()) {
      RecordedMethod method = frame.getMethod();
      String type = method.getType().getName();
      if (type.startsWith(OURS) && !type.startsWith("org.annoyspark.bench.")) {
        return type.substring(OURS.length()) + "." + method.getName();
      }
    }
    String type = event.getStackTrace().getFrames().get(0).getMethod().getType().getName();
    return "in package " + type.substring(0, Math.max(0, type.lastIndexOf('.')));
  }
}
