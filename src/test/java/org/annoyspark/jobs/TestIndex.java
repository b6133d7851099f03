package org.annoyspark.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.annoyspark.index.TreeCount;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.TestSpark;

/** An index of 60 items under the ids w00 to w59, and the Parquet that it is made of. */
record TestIndex(Path directory, Path items) {

  static final int COUNT = 60;
  static final int DIMENSION = 4;
  static final float[][] VECTORS = TestSpark.vectors(COUNT, DIMENSION, 9);
  static final List<String> IDS =
      IntStream.range(0, COUNT).mapToObj(i -> String.format("w%02d", i)).toList();

  static TestIndex build(Path parent) throws IOException {
    TestIndex index = new TestIndex(parent.resolve("index"), parent.resolve("items.parquet"));
    var rows = TestSpark.items(IDS, VECTORS);
    rows.write().parquet(index.items.toUri().toString());
    new IndexBuild()
        .metric("euclidean")
        .trees(TreeCount.of(3))
        .overwrite(true)
        .run(rows, index.directory.toUri().toString());
    return index;
  }

  /** A copy for a test to damage, with the same items. */
  TestIndex copyTo(Path parent) throws IOException {
    TestIndex copy = new TestIndex(parent.resolve("index"), items);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.directory.resolve(directory.relativize(file).toString()));
      }
    }
    return copy;
  }

  /** The Annoy file. */
  Path file() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> f.toString().endsWith(".ann")).findFirst().orElseThrow();
    }
  }
}
