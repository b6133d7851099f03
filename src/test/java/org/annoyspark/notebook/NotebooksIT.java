package org.annoyspark.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The notebooks run as {@code jobs/notebook} runs them, and show what is stored in them. */
@Tag("mllib")
class NotebooksIT {

  private static final Path NOTEBOOKS = Path.of("notebooks");
  private static final Path EXECUTED = Path.of("target", "notebooks", "executed");
  private static final String JUPYTER = "jupyter-nbconvert";

  /** A JVM of half a minute never earns what the optimizing compiler and SIMD cost it. */
  private static final String SHORT_LIFE =
      "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dannoyspark.simd=false";

  /** What a machine, a user or a moment leaves in an output. */
  private static final Pattern OF_ONE_RUN =
      Pattern.compile("/home/|/root|/tmp/|file:/|\\d\\d:\\d\\d:\\d\\d|WARN|INFO|@[0-9a-f]{5,}");

  /** Skips where Jupyter is missing; fails if {@code CI=true} is in the environment. */
  @BeforeEach
  void skipWithoutJupyter() throws InterruptedException {
    String missing;
    try {
      int status =
          new ProcessBuilder(JUPYTER, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      if (status == 0) {
        return;
      }
      missing = "expected " + JUPYTER + " to run, but it ended with status " + status;
    } catch (IOException e) {
      missing = "expected " + JUPYTER + " on the PATH, found none (" + e.getMessage() + ")";
    }
    missing += "; install Debian's jupyter-nbconvert to run this test";
    if ("true".equals(System.getenv("CI"))) {
      fail(missing);
    }
    // Failsafe tells the reason for a skip only in its report.
    System.getLogger(NotebooksIT.class.getName()).log(System.Logger.Level.WARNING, missing);
    Assumptions.abort(missing);
  }

  @Test
  void similarWords() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    assertTrue(readme.contains("\n```\njobs/notebook notebooks/similar-words.ipynb\n```\n"));
    List<Output> stored = stored("similar-words");
    List<Output> executed = execute("similar-words");
    // One by one, for a difference in a list of tables is hard to see.
    for (int i = 0; i < Math.min(stored.size(), executed.size()); i++) {
      assertEquals(stored.get(i), executed.get(i));
    }
    assertEquals(stored.size(), executed.size());
  }

  /** Its stored outputs are of real ratings, which are not there to be compared with. */
  @Test
  void alsToNeighbors() throws Exception {
    List<Output> stored = stored("als-to-neighbors");
    assertTrue(stored.get(0).text().startsWith("MovieLens: 100004 ratings"), stored.toString());

    List<Output> executed = execute("als-to-neighbors");
    assertTrue(executed.get(0).text().startsWith("Made-up ratings: "), executed.toString());
    assertEquals(
        stored.stream().map(Output::shape).toList(), executed.stream().map(Output::shape).toList());
    for (List<Output> outputs : List.of(stored, executed)) {
      double[] recalls = recallsOfTheDefault(outputs);
      assertEquals(5, recalls.length);
      assertTrue(recalls[4] >= 0.85 && recalls[4] > recalls[0], outputs.toString());
    }
  }

  /** By how many candidates are looked at. */
  private static double[] recallsOfTheDefault(List<Output> outputs) {
    String all = outputs.toString();
    return Pattern.compile("([0-9.]+) with auto")
        .matcher(all)
        .results()
        .mapToDouble((MatchResult recall) -> Double.parseDouble(recall.group(1)))
        .toArray();
  }

  /**
   * What a cell shows.
   *
   * @param type stream, display_data or error
   * @param text of a picture, its title
   */
  private record Output(String cell, String type, String text, boolean isPicture) {

    /** The kind of it: of a table, the names of its columns. */
    String shape() {
      String[] lines = text.split("\n", -1);
      boolean isTable = lines.length > 1 && lines[0].startsWith("+-");
      String columns = isTable ? lines[1].replace(" ", "") : "";
      return String.join(" ", cell, type, columns, isPicture ? text : "");
    }
  }

  private static List<Output> stored(String notebook) throws IOException {
    List<Output> outputs = outputs(NOTEBOOKS.resolve(notebook + ".ipynb"));
    for (Output output : outputs) {
      assertFalse(OF_ONE_RUN.matcher(output.text()).find(), output.toString());
    }
    return outputs;
  }

  private static List<Output> execute(String notebook) throws Exception {
    Path executed = EXECUTED.resolve(notebook + ".ipynb");
    Path log = EXECUTED.resolve(notebook + ".log");
    Files.createDirectories(EXECUTED);
    Files.deleteIfExists(executed);
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of("jobs", "notebook").toString(),
            "--to",
            EXECUTED.toString(),
            NOTEBOOKS.resolve(notebook + ".ipynb").toString());
    builder.environment().put("JDK_JAVA_OPTIONS", SHORT_LIFE);
    // CI has none, and other ratings would find other films.
    builder.environment().put("RATINGS", EXECUTED.resolve("no-ratings.csv").toString());
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      boolean ended = process.waitFor(5, TimeUnit.MINUTES);
      assertTrue(ended && process.exitValue() == 0, () -> notebook + ": see " + log);
    } finally {
      // The kernel is a grandchild.
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return outputs(executed);
  }

  /** In their order; there have to be some, of which one is a picture and none an error. */
  private static List<Output> outputs(Path notebook) throws IOException {
    List<Output> outputs = new ArrayList<>();
    for (JsonNode cell : new ObjectMapper().readTree(notebook.toFile()).get("cells")) {
      for (JsonNode output : cell.path("outputs")) {
        JsonNode data = output.path("data");
        String text = text(output.has("text") ? output.get("text") : data.path("text/plain"));
        boolean isPicture = data.path("image/png").asText().length() > 1000;
        outputs.add(
            new Output(
                cell.get("id").asText(), output.get("output_type").asText(), text, isPicture));
      }
    }
    assertTrue(outputs.stream().noneMatch(output -> output.type().equals("error")), notebook + "");
    assertEquals(1, outputs.stream().filter(Output::isPicture).count(), notebook.toString());
    return outputs;
  }

  /** A text is one string, or one for each line. */
  private static String text(JsonNode node) {
    if (!node.isArray()) {
      return node.asText();
    }
    StringBuilder text = new StringBuilder();
    node.forEach(line -> text.append(line.asText()));
    return text.toString();
  }
}
