package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.api.Assumptions;

/**
 * RcppAnnoy, an Annoy client that nobody here wrote. Needs {@code Rscript} and the R package
 * (Debian's {@code r-cran-rcppannoy}).
 */
public final class RcppAnnoy {

  private static final Path SCRIPT =
      Path.of("src", "test", "resources", "rcppannoy-neighbors.R").toAbsolutePath();
  private static final String REMEDY = "; install Debian's r-cran-rcppannoy to run this test";

  /** Why it cannot be asked; null if it can. */
  private static final String MISSING = missing();

  static {
    if (MISSING != null) {
      // Surefire tells the reason for a skip only in its report.
      System.getLogger(RcppAnnoy.class.getName()).log(Level.WARNING, MISSING);
    }
  }

  private RcppAnnoy() {}

  /**
   * What it says of a file and finds in it.
   *
   * @param found for each query the items, nearest first
   * @param distances for each query, of the items
   */
  public record Answers(int items, int roots, List<int[]> found, List<float[]> distances) {}

  /**
   * Skips the running test where RcppAnnoy is missing; fails it if {@code CI=true} is in the
   * environment.
   */
  public static void require() {
    if (MISSING == null) {
      return;
    }
    if ("true".equals(System.getenv("CI"))) {
      fail(MISSING);
    }
    Assumptions.abort(MISSING);
  }

  private static String missing() {
    String loads = "quit(status = if (requireNamespace('RcppAnnoy', quietly = TRUE)) 0 else 3)";
    try {
      int status =
          new ProcessBuilder("Rscript", "-e", loads)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      return status == 0
          ? null
          : "expected the R package RcppAnnoy, but loading it ended with status " + status + REMEDY;
    } catch (IOException e) {
      return "expected Rscript on the PATH to ask RcppAnnoy, found none ("
          + e.getMessage()
          + ")"
          + REMEDY;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Asks for the neighbours of vectors.
   *
   * @param directory for what is exchanged
   * @param searchK as in {@link AnnoyIndex}
   */
  public static Answers ask(
      Path directory, Metric metric, Path file, float[][] queries, int k, int searchK)
      throws IOException, InterruptedException {
    Path queriesFile = directory.resolve("queries.f32");
    Files.write(queriesFile, bytes(queries, metric.dimension()));
    Path out = directory.resolve("answers.txt");
    rscript(
        directory,
        List.of(
            SCRIPT.toString(),
            metric.name(),
            Integer.toString(metric.dimension()),
            file.toString(),
            queriesFile.toString(),
            Integer.toString(k),
            Integer.toString(searchK),
            out.toString()));
    List<String> lines = Files.readAllLines(out);
    assertEquals(1 + 2 * queries.length, lines.size());
    return parse(lines);
  }

  /**
   * Runs a script of R, which has to end well.
   *
   * @param directory for what is exchanged
   * @return what it printed
   */
  public static String run(Path directory, String script) throws IOException, InterruptedException {
    Path file = Files.writeString(directory.resolve("script.R"), script);
    return rscript(directory, List.of(file.toString()));
  }

  private static String rscript(Path directory, List<String> arguments)
      throws IOException, InterruptedException {
    Path log = directory.resolve("rscript.log");
    List<String> command = new ArrayList<>(arguments);
    command.add(0, "Rscript");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      fail(command + ": expected an end within 2 minutes, found none: " + Files.readString(log));
    }
    String said = Files.readString(log);
    assertEquals(0, process.exitValue(), () -> command + ": " + said);
    return said;
  }

  private static byte[] bytes(float[][] queries, int dimension) {
    ByteBuffer bytes =
        ByteBuffer.allocate(queries.length * dimension * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float[] query : queries) {
      for (float x : query) {
        bytes.putFloat(x);
      }
    }
    return bytes.array();
  }

  private static Answers parse(List<String> lines) {
    String[] sizes = lines.get(0).split(" ", -1);
    List<int[]> found = new ArrayList<>();
    List<float[]> distances = new ArrayList<>();
    for (int line = 1; line < lines.size(); line += 2) {
      found.add(
          Arrays.stream(lines.get(line).split(" ", -1)).mapToInt(Integer::parseInt).toArray());
      String[] numbers = lines.get(line + 1).split(" ", -1);
      float[] row = new float[numbers.length];
      for (int i = 0; i < row.length; i++) {
        row[i] = Float.parseFloat(numbers[i]);
      }
      distances.add(row);
    }
    return new Answers(Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]), found, distances);
  }
}
