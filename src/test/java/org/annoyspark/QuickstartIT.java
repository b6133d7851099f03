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

  @TempDir Path directory;

  @Test
  void showsNeighborsAndRecallAndWhereTheFilesAre() throws Exception {
    assertTrue(Files.readString(Path.of("README.md")).contains("\n```\njobs/quickstart\n```\n"));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Path files = directory.resolve("quickstart");
    ProcessBuilder builder = new ProcessBuilder("jobs/quickstart", files.toString());
    builder.environment().remove("SPARK_HOME");
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

    for (String nearest : List.of("bass +0.548650", "france +0.709706", "tuesday +0.105350")) {
      assertTrue(Pattern.compile("(?m)^   2  " + nearest + "$").matcher(printed).find(), all);
    }
    double[] recalls = recalls(printed);
    assertEquals(3, recalls.length, all);
    assertTrue(recalls[0] < recalls[1] && recalls[1] < recalls[2] && recalls[2] > 0.9, all);
    for (String kind : List.of("index", "Annoy file", "ids", "neighbors")) {
      Matcher named = Pattern.compile("(?m)^  " + kind + " +(" + files + "\\S+)").matcher(printed);
      assertTrue(named.find() && Files.exists(Path.of(named.group(1))), kind + ": " + all);
    }
  }

  private static double[] recalls(String printed) {
    return Pattern.compile(
            "(?m)^recall@10 ([01]\\.\\d+) at search-k (?:500|2,000|8,000), over 1,000 items")
        .matcher(printed)
        .results()
        .mapToDouble((MatchResult row) -> Double.parseDouble(row.group(1)))
        .toArray();
  }
}
