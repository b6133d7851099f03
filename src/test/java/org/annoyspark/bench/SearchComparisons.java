package org.annoyspark.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.annoyspark.eval.ExactSearcher;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.Neighbors;

/**
 * Both sides search the same items for the same vectors; a unit of work is a query. The original
 * always takes its queries one by one.
 */
final class SearchComparisons implements AutoCloseable {

  private static final int K = 10;
  private static final long SEED = 1;
  private static final int EXACT_QUERIES = 500;

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** Of a forest that the original grows. */
  private static final int TREES = 10;

  private final AnnoyIndex index;
  private final float[][] queries;
  private final Original original;
  private final boolean isOneFile;
  private final Path answersFile;

  private SearchComparisons(
      AnnoyIndex index, float[][] queries, Original original, boolean isOneFile, Path directory) {
    this.index = index;
    this.queries = queries;
    this.original = original;
    this.isOneFile = isOneFile;
    this.answersFile = directory.resolve(index.metric().name() + ".answers.i32");
  }

  /**
   * Both search one file.
   *
   * @param indexDirectory where {@code jobs/annoy-spark build} has put the index
   * @param directory where queries and answers go
   */
  static SearchComparisons inOneFile(
      Path indexDirectory, float[][] queries, Path program, Path directory) throws IOException {
    AnnoyIndex index = AnnoyIndex.open(indexDirectory);
    Original original = Original.start(program);
    open(original, index, annoyFile(indexDirectory), queries, directory);
    return new SearchComparisons(index, queries, original, true, directory);
  }

  /**
   * The original searches a forest that it has grown itself.
   *
   * @param directory where vectors, queries, the original's index and answers go
   */
  static SearchComparisons inOwnFiles(
      AnnoyIndex index, VectorSet items, float[][] queries, Path program, Path directory)
      throws IOException {
    Original original = Original.start(program);
    Path file = directory.resolve("original.ann");
    original.run("items", index.metric().name(), items.dimension(), items.file(), 1);
    original.run("build", TREES, 1);
    original.run("save", file);
    open(original, index, file, queries, directory);
    return new SearchComparisons(index, queries, original, false, directory);
  }

  private static void open(
      Original original, AnnoyIndex index, Path file, float[][] queries, Path directory)
      throws IOException {
    String metric = index.metric().name();
    int dimension = index.metric().dimension();
    String name = metric + "-queries";
    VectorSet written =
        VectorSet.written(name, queries.length, dimension, directory, query -> queries[query]);
    original.run("open", metric, dimension, file, written.file());
  }

  private static Path annoyFile(Path indexDirectory) throws IOException {
    Path metadata = indexDirectory.resolve(IndexMetadata.FILE_NAME);
    return indexDirectory.resolve(
        IndexMetadata.parse(metadata.toString(), Files.readAllBytes(metadata)).file().name());
  }

  /** The vectors of items drawn with a fixed seed; fewer where numbers have none. */
  static float[][] drawItems(AnnoyIndex index, int most) {
    int count = Math.min(most, index.items());
    return new Random(SEED)
        .ints(0, index.items())
        .distinct()
        .limit(count)
        .filter(index::isItem)
        .mapToObj(index::itemVector)
        .toArray(float[][]::new);
  }

  /** Queries one by one. */
  Comparison single(String name, int searchK, int count) {
    return new Comparison(
        name,
        () -> timed(count, () -> searchOneByOne(searchK, count)),
        "original",
        () -> original(searchK, count),
        () -> agreement(searchOneByOne(searchK, count)));
  }

  /** Queries together, beside as many or less of them one by one. */
  Comparison bulk(String name, int searchK, int count, int originalCount) {
    float[][] all = Arrays.copyOf(queries, Math.min(count, queries.length));
    int some = Math.min(originalCount, all.length);
    return new Comparison(
        name,
        () -> timed(all.length, () -> index.nearestToVectors(all, K, searchK)),
        "original",
        () -> original(searchK, some),
        () -> agreement(index.nearestToVectors(all, K, searchK)));
  }

  private double original(int searchK, int count) throws IOException {
    return original.run("search", K, searchK, count, answersFile) / count;
  }

  private Neighbors[] searchOneByOne(int searchK, int count) {
    Neighbors[] found = new Neighbors[count];
    for (int q = 0; q < count; q++) {
      found[q] = index.nearestToVector(queries[q], K, searchK);
    }
    return found;
  }

  private static double timed(int count, Runnable work) {
    long start = PROCESS.getProcessCpuTime();
    work.run();
    return (PROCESS.getProcessCpuTime() - start) / 1e9 / count;
  }

  /** What both found, held against each other, if in one file, and against the truth. */
  private String agreement(Neighbors[] found) throws IOException {
    int[][] ours = Arrays.stream(found).map(Neighbors::items).toArray(int[][]::new);
    int[][] theirs = Original.readAnswers(answersFile, K);
    int compared = Math.min(ours.length, theirs.length);
    int exactQueries = Math.min(EXACT_QUERIES, compared);
    Neighbors[] truth = new ExactSearcher(index).nearest(Arrays.copyOf(queries, exactQueries), K);
    return String.format(
        Locale.ROOT,
        "%s, recall@10 %.3f, original %.3f",
        isOneFile ? same(ours, theirs, compared) : "",
        recall(truth, ours),
        recall(truth, theirs));
  }

  private static String same(int[][] ours, int[][] theirs, int compared) {
    int same = 0;
    for (int q = 0; q < compared; q++) {
      same += Arrays.equals(Arrays.copyOf(theirs[q], ours[q].length), ours[q]) ? 1 : 0;
    }
    return ", same ids " + same + " of " + compared + " queries";
  }

  private static double recall(Neighbors[] truth, int[][] found) {
    double hits = 0;
    for (int q = 0; q < truth.length; q++) {
      List<Integer> items = Arrays.stream(found[q]).boxed().toList();
      hits += Arrays.stream(truth[q].items()).filter(items::contains).count();
    }
    return hits / truth.length / K;
  }

  @Override
  public void close() throws IOException {
    original.close();
  }
}
