package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings that cannot be used are refused before any work. */
class AnnoyConfTest {

  @TempDir Path directory;

  @Test
  void partsThatS3DoesNotTake() {
    check(AnnoyConf.PART_BYTES, "5m");
    check(AnnoyConf.PART_BYTES, "1g");
    assertRefused(
        "spark.annoy.part.bytes: expected at least 5242880, found 5242879",
        AnnoyConf.PART_BYTES,
        "5242879");
    for (String bytes : new String[] {"1073741825", "9223372036854775807"}) {
      assertRefused(
          "spark.annoy.part.bytes: expected at most 1073741824, found " + bytes,
          AnnoyConf.PART_BYTES,
          bytes);
    }
  }

  @Test
  void sizesThatAreNone() {
    for (String size : new String[] {"64mb", "16MiB", "x", "9999999999g"}) {
      for (String key :
          new String[] {
            AnnoyConf.PART_BYTES, AnnoyConf.CACHE_MAX_BYTES, AnnoyConf.JOIN_BATCH_BYTES
          }) {
        assertRefused(key + ": expected a size such as 64m, found '" + size + "'", key, size);
      }
    }
  }

  @Test
  void cachesThatAreNoLocalDirectory() throws IOException {
    check(AnnoyConf.CACHE_DIR, directory.toString());
    check(AnnoyConf.CACHE_DIR, directory.resolve("to be made").toString());
    Path file = Files.createFile(directory.resolve("a file"));
    for (String found : new String[] {"cache", "file:/cache", "s3a://bucket/cache"}) {
      assertRefused(
          "spark.annoy.cache.dir: expected the absolute path of a local directory, found '"
              + found
              + "'",
          AnnoyConf.CACHE_DIR,
          found);
    }
    assertRefused(
        "spark.annoy.cache.dir: expected a directory, found the file " + file,
        AnnoyConf.CACHE_DIR,
        file.toString());
  }

  @Test
  void settingsThatNobodyReads() {
    assertRefused(
        "spark.annoy.cache.directory: expected one of spark.annoy.cache.dir,"
            + " spark.annoy.cache.maxBytes, spark.annoy.staging.dir, spark.annoy.part.bytes,"
            + " spark.annoy.join.batch.bytes, spark.annoy.sql.refresh",
        "spark.annoy.cache.directory",
        "/tmp");
    check("spark.annoyance", "x");
  }

  @Test
  void refreshIsTrueOrFalse() {
    assertRefused(
        "spark.annoy.sql.refresh: expected true or false, found 'yes'",
        AnnoyConf.SQL_REFRESH,
        "yes");
    check(AnnoyConf.SQL_REFRESH, "true");
  }

  private static void check(String key, String value) {
    Configuration conf = new Configuration();
    conf.set(key, value);
    new AnnoyConf(conf).check();
  }

  private static void assertRefused(String message, String key, String value) {
    var e = assertThrows(IllegalArgumentException.class, () -> check(key, value));
    assertEquals(message, e.getMessage());
  }
}
