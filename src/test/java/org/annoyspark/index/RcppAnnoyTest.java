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
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.annoyspark.format.DotLayout;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Our files, read by a client that nobody here wrote: RcppAnnoy finds in them what {@link
 * AnnoyIndex} finds. Needs {@code Rscript} and the R package (Debian's {@code r-cran-rcppannoy}).
 *
 * <p>RcppAnnoy adds in another order than we do. Coordinates are therefore multiples of 1/16, whose
 * inner products and distances no order of additions rounds: ids and distances have to be the same.
 */
class RcppAnnoyTest {

  private static final Path SCRIPT =
      Path.of("src", "test", "resources", "rcppannoy-neighbors.R").toAbsolutePath();
  private static final int QUERIES = 100;
  private static final int K = 10;
  private static final int TREES = 10;
  private static final float GRID = 16;

  /** R passes a 64-bit word as a double, which has room for that many bits. */
  private static final int EXACT_BITS = 53;

  @TempDir Path directory;

  private static final String REMEDY = "; install Debian's r-cran-rcppannoy to run this test";

  private static String missing;

  @BeforeAll
  static void findRcppAnnoy() throws Exception {
    missing = missing();
    if (missing != null) {
      // Surefire tells the reason for a skip only in its report.
      System.getLogger(RcppAnnoyTest.class.getName()).log(Level.WARNING, missing);
    }
  }

  /** For each test, since Surefire does not count a class that is skipped as a whole. */
  @BeforeEach
  void skipWithoutRcppAnnoy() {
    if (missing == null) {
      return;
    }
    if ("true".equals(System.getenv("CI"))) {
      fail(missing);
    }
    Assumptions.abort(missing);
  }

  private static String missing() throws IOException, InterruptedException {
    String loads = "quit(status = if (requireNamespace('RcppAnnoy', quietly = TRUE)) 0 else 3)";
    Process process;
    try {
      process =
          new ProcessBuilder("Rscript", "-e", loads)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return "expected Rscript on the PATH to ask RcppAnnoy, found none ("
          + e.getMessage()
          + ")"
          + REMEDY;
    }
    int status = process.waitFor();
    return status == 0
        ? null
        : "expected the R package RcppAnnoy, but loading it ended with status " + status + REMEDY;
  }

  /** What RcppAnnoy says of a file and finds in it. */
  private record Answers(int items, int roots, List<String> ids, List<float[]> distances) {}

  @ParameterizedTest(name = "{0}, dimension {1}, {2} items, holes: {3}")
  @CsvSource({
    "angular, 24, 2000, none",
    "angular, 24, 2000, every seventh",
    "euclidean, 24, 2000, none",
    "euclidean, 24, 2000, every seventh",
    "manhattan, 24, 2000, none",
    "hamming, 128, 2000, none",
    "hamming, 100, 2000, every seventh",
    // Trees that are no more than a bucket: the original takes most roots for two.
    "angular, 24, 20, none",
    "euclidean, 24, 20, every seventh",
    // A root that is written as a bucket and read as a split.
    "angular, 24, 60, all but the last",
  })
  void sameNeighbors(String metricName, int dimension, int items, String holes) throws Exception {
    Metric metric = Metric.of(metricName, dimension, DotLayout.RELEASED);
    Random random = new Random(dimension * 31L + items);
    float[][] vectors = new float[items][];
    for (int item = 0; item < items; item++) {
      if (!isHole(holes, item, items)) {
        vectors[item] = vector(metricName, dimension, random);
      }
    }
    float[][] queries = new float[QUERIES][];
    for (int q = 0; q < QUERIES; q++) {
      queries[q] = vector(metricName, dimension, random);
      if (metricName.equals("hamming")) {
        clearBeyondExactBits(queries[q], q);
      }
    }
    Path file = directory.resolve(metricName + ".ann");
    Files.write(file, MemoryIndex.file(metric, vectors, TREES, 42));
    AnnoyIndex index = AnnoyIndex.open(file, metric);
    for (int searchK : new int[] {AnnoyIndex.DEFAULT_SEARCH_K, 1000}) {
      assertSame(index, queries, searchK, ask(metric, file, queries, searchK));
    }
  }

  private static boolean isHole(String holes, int item, int items) {
    return switch (holes) {
      case "none" -> false;
      case "every seventh" -> item % 7 == 0;
      case "all but the last" -> item < items - 1;
      default -> throw new IllegalArgumentException(holes);
    };
  }

  private static float[] vector(String metricName, int dimension, Random random) {
    float[] vector = new float[dimension];
    for (int z = 0; z < dimension; z++) {
      vector[z] =
          metricName.equals("hamming")
              ? random.nextInt(2)
              : Math.round(random.nextGaussian() * GRID) / GRID;
    }
    return vector;
  }

  /** Keeps the lowest bits of each word in one query, the highest in the next. */
  private static void clearBeyondExactBits(float[] query, int number) {
    for (int bit = 0; bit < query.length; bit++) {
      int inWord = bit % Long.SIZE;
      int distanceFromKeptEnd = number % 2 == 0 ? inWord : Long.SIZE - 1 - inWord;
      if (distanceFromKeptEnd >= EXACT_BITS) {
        query[bit] = 0;
      }
    }
  }

  private Answers ask(Metric metric, Path file, float[][] queries, int searchK) throws Exception {
    Path queriesFile = directory.resolve("queries.f32");
    ByteBuffer bytes =
        ByteBuffer.allocate(QUERIES * metric.dimension() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float[] query : queries) {
      for (float x : query) {
        bytes.putFloat(x);
      }
    }
    Files.write(queriesFile, bytes.array());
    Path out = directory.resolve("answers.txt");
    Path log = directory.resolve("rscript.log");
    List<String> command =
        List.of(
            "Rscript",
            SCRIPT.toString(),
            metric.name(),
            Integer.toString(metric.dimension()),
            file.toString(),
            queriesFile.toString(),
            Integer.toString(K),
            Integer.toString(searchK),
            out.toString());
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      fail(command + ": expected an end within 2 minutes, found none: " + Files.readString(log));
    }
    assertEquals(0, process.exitValue(), () -> command + ": " + read(log));
    return parse(Files.readAllLines(out));
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static Answers parse(List<String> lines) {
    String[] sizes = lines.get(0).split(" ", -1);
    assertEquals(1 + 2 * QUERIES, lines.size());
    List<String> ids = new ArrayList<>();
    List<float[]> distances = new ArrayList<>();
    for (int line = 1; line < lines.size(); line += 2) {
      ids.add(lines.get(line));
      String[] numbers = lines.get(line + 1).split(" ", -1);
      float[] row = new float[numbers.length];
      for (int i = 0; i < row.length; i++) {
        row[i] = Float.parseFloat(numbers[i]);
      }
      distances.add(row);
    }
    return new Answers(Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]), ids, distances);
  }

  private static void assertSame(
      AnnoyIndex index, float[][] queries, int searchK, Answers expected) {
    assertEquals(expected.items(), index.items());
    assertEquals(expected.roots(), index.searchRoots());
    for (int q = 0; q < QUERIES; q++) {
      Neighbors found = index.nearestToVector(queries[q], K, searchK);
      List<String> ids = new ArrayList<>();
      for (int item : found.items()) {
        ids.add(Integer.toString(item));
      }
      String which = "query " + q + ", searchK " + searchK;
      assertEquals(expected.ids().get(q), String.join(" ", ids), which);
      float[] distances = expected.distances().get(q);
      for (int i = 0; i < distances.length; i++) {
        assertEquals(distances[i], found.distances()[i], which + ", place " + i);
      }
    }
  }
}
