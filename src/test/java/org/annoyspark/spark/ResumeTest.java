package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a build that was killed has done need not be done again. */
class ResumeTest {

  /** What killed builds have left, by the stage that they ended in, and copies of it. */
  @TempDir static Path killedBuilds;

  /** The SHA-256 of a build that nobody kills. */
  private static String undisturbed;

  @TempDir Path directory;
  private Path index;
  private final List<String> progress = new ArrayList<>();

  @BeforeAll
  static void buildUndisturbed() throws IOException {
    undisturbed =
        TestSpark.sha256(
            TestSpark.file(
                KilledBuild.build()
                    .run(
                        TestSpark.items(KilledBuild.IDS, KilledBuild.VECTORS),
                        killedBuilds.resolve("undisturbed").toString())));
  }

  @BeforeEach
  void nameTheIndex() {
    index = directory.resolve("index");
  }

  @ParameterizedTest
  @CsvSource({"items, false, 0", "trees, true, 4", "merge, true, 4"})
  void theSameBytesFromWhereItStopped(String stage, boolean treesAreThere, int kept)
      throws Exception {
    kill(stage);
    String killed = onlyName("_staging-");
    assertFalse(Files.exists(index.resolve("metadata.json")), "an index is visible");

    IndexBuild.Report report = resume(KilledBuild.build());

    assertEquals(undisturbed, TestSpark.sha256(TestSpark.file(report)));
    assertEquals("resume   " + kept + " trees of [" + killed + "]", line("resume"));
    assertTrue(line("items").endsWith(", kept"), line("items"));
    assertEquals(treesAreThere, line("trees").endsWith(", 4 of them kept"), line("trees"));
    assertEquals(
        List.of(
            report.metadata().ids().directory(),
            report.metadata().file().name(),
            "metadata-" + report.metadata().build() + ".json",
            "metadata.json"),
        TestSpark.names(index));
  }

  @Test
  void treesWithoutAReceiptOrDamagedAreGrownAgain() throws Exception {
    kill("trees");
    Path staging = index.resolve(onlyName("_staging-"));
    Files.delete(staging.resolve(receipt(staging, "tree-00001-")));
    Path damaged = staging.resolve(receipt(staging, "tree-00002-").replace(".done", ""));
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 2] ^= 1;
    Files.write(damaged, bytes);
    Files.writeString(staging.resolve(receipt(staging, "tree-00003-")), "17");
    // Complete, when the driver was killed, but not committed.
    Files.writeString(
        index.resolve(
            "index-" + staging.getFileName().toString().replace("_staging-", "") + ".ann"),
        "");

    IndexBuild.Report report = resume(KilledBuild.build());

    assertTrue(line("trees").endsWith(", 1 of them kept"), line("trees"));
    assertEquals(undisturbed, TestSpark.sha256(TestSpark.file(report)));
    assertEquals(4, TestSpark.names(index).size());
  }

  @Test
  void anotherSeedOrOtherRowsHaveNothingToGoOnFrom() throws Exception {
    kill("trees");
    String killed = onlyName("_staging-");
    resume(KilledBuild.build().seed(6));
    assertTrue(line("resume").startsWith("resume   nothing to go on from"), line("resume"));
    assertTrue(TestSpark.names(index).contains(killed), "somebody else's work is gone");

    progress.clear();
    float[][] others = KilledBuild.VECTORS.clone();
    others[700] = others[700].clone();
    others[700][3] += 1e-6f;
    KilledBuild.build()
        .resume(true)
        .overwrite(true)
        .progress(progress::add)
        .run(TestSpark.items(KilledBuild.IDS, others), index.toString());
    assertTrue(line("resume").startsWith("resume   nothing to go on from"), line("resume"));
    assertTrue(TestSpark.names(index).contains(killed), "somebody else's work is gone");
  }

  @Test
  void piecesMayStandElsewhere() throws Exception {
    Path elsewhere = directory.resolve("elsewhere");
    KilledBuild.run(
        directory.resolve("killed.log"),
        index.toString(),
        "trees",
        "spark.annoy.staging.dir=" + elsewhere);
    String killed = onlyName("_staging-");
    assertEquals(List.of(killed), TestSpark.names(elsewhere));
    assertEquals(
        List.of(),
        TestSpark.names(index.resolve(killed)).stream().filter(n -> n.startsWith("tree")).toList());

    SparkSession session = TestSpark.session().newSession();
    session.conf().set("spark.annoy.staging.dir", elsewhere.toString());
    Dataset<Row> rows = TestSpark.items(KilledBuild.IDS, KilledBuild.VECTORS);
    IndexBuild.Report report =
        KilledBuild.build()
            .resume(true)
            .progress(progress::add)
            .run(session.createDataFrame(rows.javaRDD(), rows.schema()), index.toString());

    assertTrue(line("trees").endsWith(", 4 of them kept"), line("trees"));
    assertEquals(undisturbed, TestSpark.sha256(TestSpark.file(report)));
    assertEquals(List.of(), TestSpark.names(elsewhere));
    assertEquals(4, TestSpark.names(index).size());
  }

  /** Puts in the index's place, which pieces know by name, what a build has left there once. */
  private void kill(String stage) throws Exception {
    index = killedBuilds.resolve(stage);
    Path copy = killedBuilds.resolve(stage + "-copy");
    if (!Files.exists(copy)) {
      KilledBuild.run(directory.resolve("killed.log"), index.toString(), stage);
      FileUtils.copyDirectory(index.toFile(), copy.toFile());
    }
    FileUtils.deleteDirectory(index.toFile());
    FileUtils.copyDirectory(copy.toFile(), index.toFile());
  }

  private IndexBuild.Report resume(IndexBuild build) throws IOException {
    return build
        .resume(true)
        .progress(progress::add)
        .run(TestSpark.items(KilledBuild.IDS, KilledBuild.VECTORS), index.toString());
  }

  private String line(String stage) {
    return progress.stream().filter(line -> line.startsWith(stage)).findFirst().orElseThrow();
  }

  private String onlyName(String prefix) throws IOException {
    List<String> names =
        TestSpark.names(index).stream().filter(name -> name.startsWith(prefix)).toList();
    assertEquals(1, names.size(), names.toString());
    return names.get(0);
  }

  private static String receipt(Path staging, String prefix) throws IOException {
    return TestSpark.names(staging).stream()
        .filter(name -> name.startsWith(prefix) && name.endsWith(".done"))
        .findFirst()
        .orElseThrow();
  }
}
