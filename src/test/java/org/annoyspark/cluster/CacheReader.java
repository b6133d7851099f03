package org.annoyspark.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.spark.TestSpark;
import org.annoyspark.storage.IdTable;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.hadoop.conf.Configuration;

/**
 * What an executor does with indexes, in a JVM of its own: it opens those whose URIs it reads from
 * its standard input, answers one question from each, and holds them until its input ends.
 */
final class CacheReader implements AutoCloseable {

  private static final Duration MOST_ANSWER = Duration.ofMinutes(3);
  private static final String ANSWER = "answer: ";
  private static final int K = 5;
  private static final int ITEM = 7;

  private final ChildProcess process;
  private int asked;

  private CacheReader(ChildProcess process) {
    this.process = process;
  }

  /** Runs in the child; what it holds it must not lose to the collector. */
  public static void main(String[] settings) throws IOException {
    Configuration conf = new Configuration();
    for (String setting : settings) {
      String[] pair = setting.split("=", 2);
      conf.set(pair[0], pair[1]);
    }
    List<PublishedIndex> held = new ArrayList<>();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String uri = in.readLine(); uri != null; uri = in.readLine()) {
      PublishedIndex open = PublishedIndex.open(IndexAddress.resolve(uri, null, conf), conf);
      held.add(open);
      System.out.println(ANSWER + answer(open.index(), open.ids()));
    }
    System.out.println("held " + held.size());
  }

  /** The ids next to an item's, from a search that reads every item. */
  private static String answer(AnnoyIndex index, IdTable ids) {
    int[] found = index.nearestToItem(ITEM, K, index.items()).items();
    return Arrays.stream(found)
        .mapToObj(item -> ids.id(item).toString())
        .collect(Collectors.joining(","));
  }

  /** What a reader has to answer, found without the cache. */
  static String expected(BucketIndex index) throws IOException {
    int[] found =
        AnnoyIndex.open(index.directory()).nearestToItem(ITEM, K, index.metadata().items()).items();
    return Arrays.stream(found).mapToObj(BucketIndex::id).collect(Collectors.joining(","));
  }

  /**
   * Starts one. Its heap is of one size from the start, so that what it holds beside shows.
   *
   * @param settings of Hadoop and of the cache
   */
  static CacheReader start(Path log, Map<String, String> settings) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dannoyspark.simd=false",
                "-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"),
                "@" + Path.of("conf", "jvm.options"),
                CacheReader.class.getName()));
    settings.forEach((key, value) -> command.add(key + "=" + value));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", TestSpark.classPath());
    return new CacheReader(ChildProcess.start(builder, log));
  }

  ChildProcess process() {
    return process;
  }

  /** Has it open an index; returns at once. */
  void open(String uri) throws IOException {
    asked++;
    process.tell(uri);
  }

  /** Its answer from the index that it was told last to open. */
  String awaitAnswer() throws Exception {
    Await.until(
        "an answer in " + process.log(),
        MOST_ANSWER,
        () -> {
          List<String> answers = answers();
          if (answers.size() < asked) {
            process.checkRuns();
          }
          return answers.size() == asked;
        });
    return answers().get(asked - 1);
  }

  private List<String> answers() throws IOException {
    return Files.readString(process.log())
        .lines()
        .filter(line -> line.startsWith(ANSWER))
        .map(line -> line.substring(ANSWER.length()))
        .toList();
  }

  @Override
  public void close() {
    process.close();
  }
}
