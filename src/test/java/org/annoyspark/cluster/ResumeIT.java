package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.annoyspark.storage.S3Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A driver that is killed while parts are put: nothing is visible, and little has to be redone. */
@ExtendWith(ClusterExtension.class)
class ResumeIT {

  private static final int TREES = 10;

  @Test
  void onHdfs(StandaloneCluster spark, HdfsDaemons hdfs) throws Exception {
    hdfs.restore();
    killAndResume(spark, Store.of(hdfs));
  }

  @Test
  void onS3(StandaloneCluster spark, S3Server s3) throws Exception {
    killAndResume(spark, Store.of(s3));
  }

  private void killAndResume(StandaloneCluster spark, Store store) throws Exception {
    spark.restore();
    String words = Words.on(store);
    String index = store.at("resume/killed");
    try (Submit.Running driver = build(spark, store, words, index).start()) {
      driver.await("an open upload", () -> hasOpenUpload(store, index));
      driver.kill();
    }
    assertFalse(store.names(index).contains("metadata.json"), "an index is visible");

    String out = build(spark, store, words, index).with("--resume").run();

    assertTrue(out.contains("items    20,000 nodes in 1 pieces, kept"), out);
    assertTrue(out.contains(", " + TREES + " of them kept"), out);
    Words.assertSameBytes(store, index, TREES);
  }

  private static Submit build(StandaloneCluster spark, Store store, String words, String index) {
    return Submit.to(spark, "build", "--input", words, "--output", index)
        .with("--trees", Integer.toString(TREES))
        // One executor, for what is tried is not its number.
        .conf("spark.cores.max", "1")
        .on(store);
  }

  private static boolean hasOpenUpload(Store store, String index) throws Exception {
    for (String name : store.names(index)) {
      if (name.startsWith("_staging-")
          && store.names(index + "/" + name).contains("multipart-upload")) {
        return true;
      }
    }
    return false;
  }
}
