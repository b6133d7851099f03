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
    "angular_f40, generic, 14ca77427ef11629036fecd33a5796327d9df5a99f42477da99f9134cbdde875",
    "euclidean_f40, generic, 8236b5d4cda2e8589335e7603dc11ef07f00209479668e45bfc097ee27e0aabc",
    "manhattan_f40, generic, 260c008183542405f071bf555697cd32dd35684e14fe766f85a9224c7c6b1ad6",
    "dot_f40, generic, 2610a02251d89cad5348426d6da28dfa8a6833688159d0c0dbf3698fdcf1a216",
    "dot_f40, v1173, 4a9444f73a4df8d4cc534d30c986a0f35fd9406999a09914173b0629178501d1",
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
