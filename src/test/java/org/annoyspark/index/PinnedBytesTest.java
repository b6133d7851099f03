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
    "angular_f40, generic, dcfff03f85e6dcc1d2abdd1007ebe0bc3cad256de73f1caac9b7536928c167f4",
    "euclidean_f40, generic, 3a1940a8a9c655557a0327c51129d984a83bca6c728db43018f7e0f0013eab95",
    "manhattan_f40, generic, 74504159462bfe1ab5e0c20ebfb656845ff79f9be9541e2e23168448a002b7b5",
    "dot_f40, generic, 40d4f2ea5f49be36f0afb138cf4cf0e0a678b3b47849f597659db7059d7ed83a",
    "dot_f40, v1173, 10e8fecd82ab703620cdc19399b66d41c87681dad77213e6e8e7205e7724e1f0",
    "hamming_f100, generic, ad522a97ab98518ae036ef2652f4ba48521245023003f5c570a69e414a8701bb",
  })
  void sameBytesAsEver(String name, String variant, String sha256)
      throws IOException, NoSuchAlgorithmException {
    GoldenCase golden = GoldenCase.of(name, variant);
    Metric metric = golden.metric();
    NodeStore items = MemoryIndex.items(metric, golden.base());
    ForestBuilder builder = new ForestBuilder(metric, items, SEED, MOST_GATHERED_ITEMS);
    List<byte[]> trees = MemoryIndex.grow(builder, 0, TREES);
    byte[] file = MemoryIndex.file(metric, items, trees);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(file);
    assertEquals(sha256, HexFormat.of().formatHex(digest));
  }
}
