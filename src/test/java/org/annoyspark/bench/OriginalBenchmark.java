package org.annoyspark.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Ours beside the C++ original, in one thread each and in seconds of CPU time of the whole process:
 * prints {@code NAME ratio X (min A max B)} for every comparison, X above 1 where ours is faster.
 * {@code jobs/bench original} runs it.
 */
final class OriginalBenchmark {

  private static final List<String> METRICS = List.of("angular", "euclidean");

  /** How much is done; the smoke test does less. */
  record Effort(int warmUpRounds, int rounds, int queries) {}

  private OriginalBenchmark() {}

  /**
   * @param args a directory that holds {@code words-METRIC.index} for each metric and takes what
   *     comes up; the directory of annoylib.h; then what names to run start with, all if none
   */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    List<String> wanted = List.of(args).subList(2, args.length);
    Predicate<String> isWanted =
        name -> wanted.isEmpty() || wanted.stream().anyMatch(name::startsWith);
    run(directory, Path.of(args[1]), isWanted, new Effort(4, 9, 20_000), System.out::println);
  }

  static void run(
      Path directory, Path headers, Predicate<String> isWanted, Effort effort, Consumer<String> out)
      throws IOException {
    Path program = Original.compile(headers, directory);
    for (String metric : METRICS) {
      Path indexDirectory = directory.resolve("words-" + metric + ".index");
      try (SearchComparisons search =
          new SearchComparisons(indexDirectory, program, directory, effort.queries())) {
        for (Comparison comparison : comparisons(search, metric, effort.queries())) {
          if (isWanted.test(comparison.name())) {
            out.accept(comparison.run(effort.warmUpRounds(), effort.rounds()));
          }
        }
      }
    }
  }

  /** A line each. The original's time for a query is the same in a loop of any length. */
  private static List<Comparison> comparisons(
      SearchComparisons search, String metric, int queries) {
    return List.of(
        search.single("query-words-" + metric + "-1000", 1000, queries / 8),
        search.single("query-words-" + metric + "-10000", 10_000, queries / 40),
        search.bulk("bulk-words-" + metric + "-1000", 1000, queries, queries / 8),
        search.bulk("bulk-words-" + metric + "-10000", 10_000, queries, queries / 40));
  }
}
