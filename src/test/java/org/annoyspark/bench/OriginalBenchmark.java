package org.annoyspark.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.metric.Metric;

/**
 * Ours beside the C++ original, in one thread each and in seconds of CPU time of the whole process:
 * prints {@code NAME ratio X (min A max B)} for every comparison, X above 1 where ours is faster.
 * {@code jobs/bench original} runs it.
 */
final class OriginalBenchmark {

  private static final List<String> METRICS = List.of("angular", "euclidean");

  private static final List<SearchLine> SEARCH_LINES =
      List.of(
          new SearchLine(Kind.QUERY, 1000),
          new SearchLine(Kind.QUERY, 10_000),
          new SearchLine(Kind.BULK, 1000),
          new SearchLine(Kind.BULK, 10_000),
          new SearchLine(Kind.LARGEBULK, 1000),
          new SearchLine(Kind.LARGEBULK, 10_000));

  private static final List<DotLine> DOT_LINES =
      List.of(
          new DotLine("words", 1000),
          new DotLine("words", 10_000),
          new DotLine("implicit", 200),
          new DotLine("implicit", 1000),
          new DotLine("explicit", 200),
          new DotLine("explicit", 1000));

  /** What takes seconds or minutes has times that differ less than those of single queries. */
  private static final int MOST_LONG_ROUNDS = 5;

  private static final int LARGE = 10;

  /** One of so many queries is asked by {@code dot}: 500, when 20,000 are asked together. */
  private static final int DOT_SHARE = 40;

  private static final int MOST_RECALL_QUERIES = 1000;
  private static final long SEED = 1;

  private static final List<BuildLine> BUILD_LINES =
      List.of(
          new BuildLine("words", "angular", 1),
          new BuildLine("words", "euclidean", 1),
          new BuildLine("clustered", "angular", 1),
          new BuildLine("clustered", "euclidean", 1),
          new BuildLine("gaussian40", "euclidean", 1),
          new BuildLine("gaussian256", "angular", 1),
          new BuildLine("words", "angular", 2));

  /**
   * How much is done; the smoke test does less.
   *
   * @param queries for times of searches, and not more of them for the recall of builds
   * @param madeItems of data that are made; of gaussians less
   */
  record Effort(int warmUpRounds, int rounds, int queries, int madeItems) {}

  /** A forest to grow. */
  private record BuildLine(String data, String metric, int threads) {

    String name() {
      return "build-" + (threads == 1 ? "" : threads + "threads-") + data + "-" + metric;
    }
  }

  /** One by one, together, or ten times as many together. */
  private enum Kind {
    QUERY,
    BULK,
    LARGEBULK
  }

  /** Queries to answer on the words. */
  private record SearchLine(Kind kind, int searchK) {

    String name(String metric) {
      return kind.name().toLowerCase(Locale.ROOT) + "-words-" + metric + "-" + searchK;
    }
  }

  /** The largest inner products: of words with words, or of a user's factors with films'. */
  private record DotLine(String data, int searchK) {

    String name() {
      return "dot-" + data + "-" + searchK;
    }
  }

  private final Path directory;
  private final Predicate<String> isWanted;
  private final Effort effort;
  private final Path program;
  private final Consumer<String> out;

  private OriginalBenchmark(
      Path directory, Path headers, Predicate<String> isWanted, Effort effort, Consumer<String> out)
      throws IOException {
    this.directory = directory;
    this.isWanted = isWanted;
    this.effort = effort;
    this.out = out;
    this.program = Original.compile(headers, directory);
  }

  /**
   * @param args a directory that holds {@code words-METRIC.index} for each metric, {@code
   *     implicit-dot.index} and {@code explicit-dot.index} with films' factors, {@code
   *     implicit-users.index} and {@code explicit-users.index}, as far as they are wanted, and
   *     takes what comes up; the directory of annoylib.h; then what names to run start with, all if
   *     none
   */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    List<String> wanted = List.of(args).subList(2, args.length);
    Predicate<String> isWanted =
        name -> wanted.isEmpty() || wanted.stream().anyMatch(name::startsWith);
    Effort effort = new Effort(4, 9, 20_000, 500_000);
    run(directory, Path.of(args[1]), isWanted, effort, System.out::println);
  }

  static void run(
      Path directory, Path headers, Predicate<String> isWanted, Effort effort, Consumer<String> out)
      throws IOException {
    OriginalBenchmark benchmark = new OriginalBenchmark(directory, headers, isWanted, effort, out);
    for (BuildLine line : BUILD_LINES) {
      if (isWanted.test(line.name())) {
        benchmark.build(line);
      }
    }
    for (String metric : METRICS) {
      benchmark.search(metric);
    }
    for (DotLine line : DOT_LINES) {
      if (isWanted.test(line.name())) {
        benchmark.dot(line);
      }
    }
  }

  private void build(BuildLine line) throws IOException {
    VectorSet vectors =
        switch (line.data()) {
          case "words" -> words();
          case "clustered" -> clustered();
          case "gaussian40" -> gaussians(40, effort.madeItems() * 2 / 5);
          default -> gaussians(256, effort.madeItems() / 5);
        };
    Metric metric = Metric.of(line.metric(), vectors.dimension(), DotLayout.RELEASED);
    int queries = Math.min(MOST_RECALL_QUERIES, effort.queries());
    try (BuildComparison build =
        new BuildComparison(vectors, metric, line.threads(), queries, program, directory)) {
      int rounds = Math.min(MOST_LONG_ROUNDS, effort.rounds());
      out.accept(build.named(line.name()).run(Math.min(2, effort.warmUpRounds()), rounds));
    }
  }

  private VectorSet words() throws IOException {
    return vectors("words", AnnoyIndex.open(indexDirectory("words-" + METRICS.get(0))));
  }

  private VectorSet vectors(String name, AnnoyIndex index) throws IOException {
    return VectorSet.of(
        name, index.items(), index.metric().dimension(), directory, index::itemVector);
  }

  private VectorSet clustered() throws IOException {
    return VectorSet.of(
        "clustered",
        effort.madeItems(),
        ClusteredVectors.DIMENSION,
        directory,
        new ClusteredVectors(SEED));
  }

  private VectorSet gaussians(int dimension, int count) throws IOException {
    return VectorSet.of(
        "gaussian" + dimension, count, dimension, directory, new GaussianVectors(dimension, SEED));
  }

  private void search(String metric) throws IOException {
    List<SearchLine> lines =
        SEARCH_LINES.stream().filter(line -> isWanted.test(line.name(metric))).toList();
    if (lines.isEmpty()) {
      return;
    }
    int queries =
        lines.stream().anyMatch(line -> line.kind() == Kind.LARGEBULK)
            ? LARGE * effort.queries()
            : effort.queries();
    Path index = indexDirectory("words-" + metric);
    float[][] drawn = SearchComparisons.drawItems(AnnoyIndex.open(index), queries);
    try (SearchComparisons search = SearchComparisons.inOneFile(index, drawn, program, directory)) {
      for (SearchLine line : lines) {
        Comparison comparison = comparison(search, line, line.name(metric));
        // A round of many queries together takes long, and warms up what it takes.
        boolean isLong = line.kind() != Kind.QUERY;
        out.accept(
            comparison.run(
                isLong ? Math.min(2, effort.warmUpRounds()) : effort.warmUpRounds(),
                isLong ? Math.min(MOST_LONG_ROUNDS, effort.rounds()) : effort.rounds()));
      }
    }
  }

  /** The original's time for a query is the same in a loop of any length. */
  private Comparison comparison(SearchComparisons search, SearchLine line, String name) {
    int queries = effort.queries();
    int some = line.searchK() > 1000 ? queries / 40 : queries / 8;
    return switch (line.kind()) {
      case QUERY -> search.single(name, line.searchK(), some);
      case BULK -> search.bulk(name, line.searchK(), queries, some);
      case LARGEBULK -> search.bulk(name, line.searchK(), LARGE * queries, some);
    };
  }

  /** Each side searches its own forest, for they bring items to another length. */
  private void dot(DotLine line) throws IOException {
    AnnoyIndex index = AnnoyIndex.open(indexDirectory(line.data() + "-dot"));
    AnnoyIndex asking =
        line.data().equals("words")
            ? index
            : AnnoyIndex.open(indexDirectory(line.data() + "-users"));
    float[][] drawn = SearchComparisons.drawItems(asking, effort.queries() / DOT_SHARE);
    // Few users ask again and again, for long enough to be timed.
    float[][] queries = new float[line.searchK() > 1000 ? drawn.length : 10 * drawn.length][];
    Arrays.setAll(queries, query -> drawn[query % drawn.length]);
    VectorSet items = vectors(line.data() + "-dot", index);
    try (SearchComparisons search =
        SearchComparisons.inOwnFiles(index, items, queries, program, directory)) {
      Comparison comparison = search.single(line.name(), line.searchK(), queries.length);
      out.accept(comparison.run(effort.warmUpRounds(), effort.rounds()));
    }
  }

  private Path indexDirectory(String name) {
    return directory.resolve(name + ".index");
  }
}
