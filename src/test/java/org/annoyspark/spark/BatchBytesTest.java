package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class BatchBytesTest {

  private static final long MIB = 1 << 20;

  @Test
  void batchesAreAsLargeAsTheHeapAllows() {
    assertEquals(64 * MIB, BatchBytes.byDefault(1024 * MIB, 8));
    assertEquals(96 * MIB, BatchBytes.byDefault(3072 * MIB, 8));
    assertEquals(256 * MIB, BatchBytes.byDefault(16384 * MIB, 8));
  }

  @Test
  void tasksMayBeMoreThanCores() {
    assertEquals(1, configuredCores("spark.master", "spark://host:7077"));
    assertEquals(5, configuredCores("spark.executor.cores", "5"));
    assertEquals(64, configuredCores("spark.master", "local[64]"));
    assertEquals(64, configuredCores("spark.master", "local[64,2]"));
    assertEquals(1, configuredCores("spark.master", "local[*]"));
  }

  private static int configuredCores(String key, String value) {
    return BatchBytes.configuredCores(new SparkConf(false).set(key, value));
  }
}
