package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.annoyspark.spark.TestSpark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nothing that grows with the number of items comes to the driver. */
@ExtendWith(ClusterExtension.class)
class DriverHeapIT {

  private static final Logger LOG = System.getLogger(DriverHeapIT.class.getName());

  private static final int FEW = 100_000;
  private static final int MANY = 1_000_000;

  /** Less than an int for every item more; nearly all of it is noise. */
  private static final long MOST_GROWTH_BYTES = 3L * (MANY - FEW);

  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

  private static final String JCMD =
      Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();

  private final StandaloneCluster spark;
  private final Store hdfs;

  DriverHeapIT(StandaloneCluster spark, HdfsDaemons daemons) throws Exception {
    spark.restore();
    daemons.restore();
    this.spark = spark;
    this.hdfs = Store.of(daemons);
  }

  @Test
  void heapOfTheDriverDoesNotGrowWithTheItems() throws Exception {
    long fewBytes = liveBytes(FEW);
    long manyBytes = liveBytes(MANY);
    String found =
        String.format(
            "live bytes of the driver's heap, in nine samples of ten at most: %,d for %,d items, %,d for %,d items",
            fewBytes, FEW, manyBytes, MANY);
    LOG.log(Level.INFO, found);
    assertTrue(manyBytes - fewBytes < MOST_GROWTH_BYTES, found);
  }

  /**
   * Of a build, sampled as fast as the JVM answers: what nine samples of ten do not exceed. In
   * builds of any size a few are up to 8 MB above all others, which fall into a moment at which
   * classes are read or made; a longer build has more of them.
   */
  private long liveBytes(int items) throws Exception {
    String input = hdfs.at("driver-heap/items-" + items);
    TestSpark.session()
        .range(0, items, 1, 4)
        .selectExpr("concat('item ', id) as id", HashedVectors.column(32) + " as features")
        .write()
        .parquet(input);
    String output = hdfs.at("driver-heap/index-" + items);
    Submit submit =
        Submit.to(spark, "build", "--input", input, "--output", output)
            .with("--trees", "4")
            .on(hdfs);
    List<Long> samples = new ArrayList<>();
    int samplesOfTrees = 0;
    try (Submit.Running build = submit.start()) {
      while (build.isAlive()) {
        // Spark is still starting before the first line: nothing is to be seen then.
        if (!build.out().isEmpty()) {
          boolean doItemsStand = build.out().contains("  items ");
          long bytes = liveBytes(build.pid());
          samples.add(bytes);
          samplesOfTrees += doItemsStand && bytes > 0 ? 1 : 0;
        }
      }
      build.awaitSuccess();
    }
    assertTrue(samplesOfTrees > 1, "expected samples while trees grow, found " + samplesOfTrees);
    hdfs.assertOnlyIndex(output);
    Collections.sort(samples);
    LOG.log(Level.INFO, "live bytes for {0} items: {1}", items, samples);
    return samples.get(samples.size() * 9 / 10 - 1);
  }

  /** What a full collection leaves, or 0 if the JVM is about to end. */
  private static long liveBytes(long pid) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(JCMD, Long.toString(pid), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String histogram = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher total = TOTAL.matcher(histogram);
    return jcmd.waitFor() == 0 && total.find() ? Long.parseLong(total.group(1)) : 0;
  }
}
