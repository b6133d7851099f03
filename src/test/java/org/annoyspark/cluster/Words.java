package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.annoyspark.spark.TestSpark;

/** 20,000 word vectors, and what an undisturbed build makes of them. */
final class Words {

  static final Path LOCAL = TestSpark.WORDS;

  /** By number of trees. */
  private static final Map<Integer, String> SHA_256 = new ConcurrentHashMap<>();

  private Words() {}

  static String on(Store store) throws Exception {
    return store.upload(LOCAL, "words.parquet");
  }

  /**
   * Asserts that an index, and nothing else, stands there, with the bytes of the embedded Spark.
   */
  static void assertSameBytes(Store store, String index, int trees) throws Exception {
    Path copy = Files.createTempFile("words", ".ann");
    Files.delete(copy);
    store.download(store.assertOnlyIndex(index), copy);
    String sha256 = TestSpark.sha256(copy);
    Files.delete(copy);
    if (!SHA_256.containsKey(trees)) {
      SHA_256.put(trees, embedded(trees));
    }
    assertEquals(SHA_256.get(trees), sha256);
  }

  private static String embedded(int trees) throws Exception {
    Path index = Files.createTempDirectory("words");
    Submit.embedded("build", "--input", LOCAL.toString(), "--output", index.toString())
        .with("--trees", Integer.toString(trees))
        .run();
    String name =
        TestSpark.names(index).stream().filter(n -> n.endsWith(".ann")).findAny().orElseThrow();
    String sha256 = TestSpark.sha256(index.resolve(name));
    ChildProcess.deleteTree(index);
    return sha256;
  }
}
