package org.annoyspark.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.annoyspark.eval.ExactSearcher;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.Neighbors;

/**
 * Both sides search one index file for the vectors of the same items, drawn with a fixed seed; a
 * unit of work is a query. The original always takes its queries one by one.
 */
final class SearchComparisons implements AutoCloseable {

  private static final int K = 10;
  private static final long SEED = 1;
  private static final int EXACT_QUERIES = 500;

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final String metric;
  private final AnnoyIndex index;
  private final float[][] queries;
  private final Original original;
  private final Path answersFile;

  /**
   * @param indexDirectory where {@code jobs/annoy-spark build} has put the index
   * @param directory where queries and answers go
   * @param mostQueries how many queries to draw, at most as many as there are items
   */
  SearchComparisons(Path indexDirectory, Path program, Path directory, int mostQueries)
      throws IOException {
    this.index = AnnoyIndex.open(indexDirectory);
    this.metric = index.metric().name();
    this.queries = drawItems(Math.min(mostQueries, index.items()));
    Path queriesFile = directory.resolve(metric + ".queries.f32");
    this.answersFile = directory.resolve(metric + ".answers.i32");
    write(queriesFile);
    this.original = Original.start(program);
    original.run(
        "open", metric, index.metric().dimension(), annoyFile(indexDirectory), queriesFile);
  }

  private static Path annoyFile(Path indexDirectory) throws IOException {
    try (Stream<Path> files = Files.list(indexDirectory)) {
      return files.filter(file -> file.toString().endsWith(".ann")).findFirst().orElseThrow();
    }
  }

  private float[][] drawItems(int count) {
    int[] items = new Random(SEED).ints(0, index.items()).distinct().limit(count).toArray();
    return Arrays.stream(items).mapToObj(index::itemVector).toArray(float[][]::new);
  }

  private void write(Path file) throws IOException {
    int dimension = index.metric().dimension();
    ByteBuffer bytes = ByteBuffer.allocate(queries.length * dimension * Float.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (float[] query : queries) {
      bytes.asFloatBuffer().put(query);
      bytes.position(bytes.position() + dimension * Float.BYTES);
    }
    Files.write(file, bytes.array());
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

  /** What both found, held against each other and against the truth. */
  private String agreement(Neighbors[] found) throws IOException {
    int[][] ours = Arrays.stream(found).map(Neighbors::items).toArray(int[][]::new);
    int[][] theirs = Original.readAnswers(answersFile, K);
    int compared = Math.min(ours.length, theirs.length);
    int same = 0;
    for (int q = 0; q < compared; q++) {
      same += Arrays.equals(Arrays.copyOf(theirs[q], ours[q].length), ours[q]) ? 1 : 0;
    }
    int exactQueries = Math.min(EXACT_QUERIES, compared);
    Neighbors[] truth = new ExactSearcher(index).nearest(Arrays.copyOf(queries, exactQueries), K);
    return String.format(
        Locale.ROOT,
        ", same ids %d of %d queries, recall@10 %.3f, original %.3f",
        same,
        compared,
        recall(truth, ours),
        recall(truth, theirs));
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
