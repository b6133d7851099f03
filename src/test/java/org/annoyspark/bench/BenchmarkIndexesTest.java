package org.annoyspark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.spark.TestSpark;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the benchmarks search is built. */
@Tag("mllib")
class BenchmarkIndexesTest {

  private static final int FILMS = 30;
  private static final int USERS = 20;

  @TempDir Path directory;

  @Test
  void indexesOfWordsAndOfFactors() throws IOException {
    String words = directory.resolve("words.parquet").toString();
    TestSpark.items(TestSpark.numbers(200), TestSpark.vectors(200, 7, 1)).write().parquet(words);
    BenchmarkIndexes indexes =
        new BenchmarkIndexes(TestSpark.session(), words, ratings(), directory);
    indexes.build("words-euclidean");
    indexes.build("implicit");
    assertEquals("euclidean 7 200 10", described("words-euclidean"));
    // A hole for the film and the user that have number 0.
    assertEquals("dot 100 " + (FILMS + 1) + " 10", described("implicit-dot"));
    assertEquals("dot 100 " + (USERS + 1) + " 1", described("implicit-users"));
  }

  private String described(String name) throws IOException {
    AnnoyIndex index = AnnoyIndex.open(directory.resolve(name + ".index"));
    return String.format(
        "%s %d %d %d",
        index.metric().name(), index.metric().dimension(), index.items(), index.trees());
  }

  private String ratings() throws IOException {
    List<String> lines = new ArrayList<>(List.of("userId,movieId,rating"));
    for (int user = 1; user <= USERS; user++) {
      for (int film = 1; film <= FILMS; film++) {
        if ((user * film) % 3 != 1) {
          lines.add(user + "," + film + "," + (1 + (user + film) % 5));
        }
      }
    }
    return Files.write(directory.resolve("ratings.csv"), lines).toString();
  }
}
