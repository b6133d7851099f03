package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The bytes that a seed stands for, on every machine and in every version. If a change is meant to
 * alter them, CHANGES.md must say so.
 */
class PinnedBytesTest {

  private static final int TREES = 4;
  private static final long SEED = 42;

  /** Small enough for 1,000 items to go through the sequential passes of the upper levels. */
  private static final int MOST_GATHERED_ITEMS = 200;

  @ParameterizedTest
  @CsvSource({
    "angular_f40, generic, 0492dd9fc777baff4f0db0eb77bae2a5c17ffb8eef5324a0bf27494aa93cf2b7",
    "euclidean_f40, generic, 815ea304ebfcd4773cb16522cf8501e3dea9da51bd1e5f9445dc298674e1b8a3",
    "manhattan_f40, generic, 815ea304ebfcd4773cb16522cf8501e3dea9da51bd1e5f9445dc298674e1b8a3",
    "dot_f40, generic, 400ad7aa0c3ff3616f820994dd6c143f4dab2a6f3a761d930d8bc9f3f2eb2fcc",
    "dot_f40, v1173, 15c4d82f76722ce8ec6eb2b4cc88f1ae734f9dd0491d307a802d8e8f4fea3263",
    "hamming_f100, generic, ad522a97ab98518ae036ef2652f4ba48521245023003f5c570a69e414a8701bb",
  })
  void sameBytesAsEver(String name, String variant, String sha256)
      throws IOException, NoSuchAlgorithmException {
    GoldenCase golden = GoldenCase.of(name, variant);
    Metric metric = golden.metric();
    NodeStore items = MemoryIndex.items(metric, golden.base());
    ForestBuilder builder =
        new ForestBuilder(metric, items, SEED, Workers.ONE, MOST_GATHERED_ITEMS);
    List<byte[]> trees = MemoryIndex.grow(builder, 0, TREES);
    byte[] file = MemoryIndex.file(metric, items, trees);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(file);
    assertEquals(sha256, HexFormat.of().formatHex(digest));
  }
}
