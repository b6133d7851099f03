package org.annoyspark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first of the README's two commands, as a newcomer runs it; the second runs this test. */
class QuickstartIT {

  /** JVMs of a few seconds never earn what the optimizing compiler and SIMD cost them. */
  private static final String SHORT_LIFE =
      "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dannoyspark.simd=false";

  private static final int WORDS = 3;

  @TempDir Path directory;

  @Test
  void showsNeighborsAndRecallAndWhereTheFilesAre() throws Exception {
    assertTrue(Files.readString(Path.of("README.md")).contains("\n```\njobs/quickstart\n```\n"));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Path files = directory.resolve("quickstart");
    ProcessBuilder builder = new ProcessBuilder("jobs/quickstart", files.toString());
    builder.environment().remove("SPARK_HOME");
    builder.environment().put("JDK_JAVA_OPTIONS", SHORT_LIFE);
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      assertTrue(process.waitFor(5, TimeUnit.MINUTES));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    String printed = Files.readString(out);
    String all = printed + Files.readString(err);
    assertEquals(0, process.exitValue(), all);

    assertEquals(WORDS, count("(?m)^   1  (?:guitar|paris|monday) +0\\.000000$", printed), all);
    assertTrue(
        count("(?m)^   2  (?:bass|prohibited|london|tuesday|thursday|friday) ", printed) >= 2);
    double[] recalls = recalls(printed);
    assertEquals(3, recalls.length, all);
    assertTrue(recalls[0] < recalls[1] && recalls[1] < recalls[2] && recalls[2] > 0.9, all);
    for (String kind : List.of("index", "Annoy file", "ids", "neighbors")) {
      Matcher named = Pattern.compile("(?m)^  " + kind + " +(" + files + "\\S+)").matcher(printed);
      assertTrue(named.find() && Files.exists(Path.of(named.group(1))), kind + ": " + all);
    }
  }

  private static long count(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().count();
  }

  private static double[] recalls(String printed) {
    return Pattern.compile("(?m)^ *(?:500|2000|8000) +([01]\\.\\d+)")
        .matcher(printed)
        .results()
        .mapToDouble((MatchResult row) -> Double.parseDouble(row.group(1)))
        .toArray();
  }
}
