package org.annoyspark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.annoyspark.index.AnnoyIndex;

/**
 * Ours beside the C++ original, in one thread each: prints {@code NAME ratio X (min A max B)} for
 * every comparison, X above 1 where ours is faster. {@code jobs/bench original} runs it.
 */
final class OriginalBenchmark {

  private static final int ROUNDS = 5;
  private static final double WARM_UP_SECONDS = 4;
  private static final List<String> METRICS = List.of("angular", "euclidean");

  private OriginalBenchmark() {}

  /**
   * @param args a directory that holds {@code words-METRIC.index} for each metric and takes what
   *     comes up; the directory of annoylib.h; then what names to run start with, all if none
   */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    Path program = Original.compile(Path.of(args[1]), directory);
    List<String> wanted = List.of(args).subList(2, args.length);
    Predicate<String> isWanted =
        name -> wanted.isEmpty() || wanted.stream().anyMatch(name::startsWith);
    for (String metric : METRICS) {
      run(directory, program, metric, isWanted);
    }
  }

  private static void run(
      Path directory, Path program, String metric, Predicate<String> isWanted)
      throws IOException {
    Path indexDirectory = directory.resolve("words-" + metric + ".index");
    AnnoyIndex index = AnnoyIndex.open(indexDirectory);
    try (SearchComparisons search =
        new SearchComparisons(index, annoyFile(indexDirectory), program, directory, 20_000)) {
      for (Comparison comparison : comparisons(search, metric)) {
        if (isWanted.test(comparison.name())) {
          System.out.println(comparison.run(ROUNDS, WARM_UP_SECONDS));
        }
      }
    }
  }

  static List<Comparison> comparisons(SearchComparisons search, String metric) {
    List<Comparison> comparisons = new ArrayList<>();
    String words = "words-" + metric;
    comparisons.add(search.single("query-" + words + "-1000", 1000, 5_000));
    comparisons.add(search.single("query-" + words + "-10000", 10_000, 1_000));
    return comparisons;
  }

  private static Path annoyFile(Path indexDirectory) throws IOException {
    try (Stream<Path> files = Files.list(indexDirectory)) {
      return files.filter(file -> file.toString().endsWith(".ann")).findFirst().orElseThrow();
    }
  }
}
