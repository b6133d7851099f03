package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.TreeCount;
import org.annoyspark.storage.FaultyFileSystem;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Once the metadata is in place the index is published, come what may. */
class CommitTest {

  @TempDir Path directory;

  @Test
  void failingToTidyUpDoesNotTakeTheIndexBack() throws IOException {
    Path index = directory.resolve("index");
    List<String> progress = new ArrayList<>();

    IndexBuild.Report report =
        new IndexBuild().progress(progress::add).run(undeletableStaging(), "faulty:" + index);

    assertTrue(
        progress.get(progress.size() - 1).startsWith("warning: older files are left in faulty:"),
        progress.toString());
    assertEquals(3, AnnoyIndex.open(index).items());
    assertTrue(TestSpark.names(index).contains(report.metadata().file().name()));
  }

  @Test
  void failingToTellOfItDoesNotEither() throws IOException {
    Path index = directory.resolve("index");
    IndexBuild build =
        new IndexBuild()
            .progress(
                line -> {
                  if (line.startsWith("warning")) {
                    throw new IllegalStateException("nobody listens");
                  }
                });
    assertThrows(
        IllegalStateException.class, () -> build.run(undeletableStaging(), "faulty:" + index));
    assertEquals(3, AnnoyIndex.open(index).items());
  }

  @Test
  void partsThatAreTooSmallAreRefusedBeforeAnyWork() throws IOException {
    SparkSession session = TestSpark.session().newSession();
    session.conf().set("spark.annoy.part.bytes", "1m");
    var rows = TestSpark.items(List.of(0, 1, 2), TestSpark.vectors(3, 2, 1));
    var items = session.createDataFrame(rows.javaRDD(), rows.schema());
    List<String> progress = new ArrayList<>();
    IndexBuild build = new IndexBuild().progress(progress::add);
    String output = directory.resolve("index").toString();
    assertEquals(
        "spark.annoy.part.bytes: expected at least 5242880, found 1048576",
        assertThrows(IllegalArgumentException.class, () -> build.run(items, output)).getMessage());
    assertEquals(List.of(), progress);
    assertEquals(List.of(), TestSpark.names(directory));
  }

  /** The other task of a failed job has only just begun to write. */
  @Test
  void failedBuildWaitsForItsTasksBeforeItTidiesUp() throws IOException {
    FaultyFileSystem.WAS_TOO_LATE.set(false);
    Dataset<Row> items =
        itemsOf(
            Map.of(
                FaultyFileSystem.UNWRITABLE_KEY, "tree-00000", //
                FaultyFileSystem.LATE_KEY, "tree-00001"));
    Path index = directory.resolve("index");
    IndexBuild build = new IndexBuild().trees(TreeCount.of(2));
    Exception failure = assertThrows(Exception.class, () -> build.run(items, "faulty:" + index));
    assertTrue(failure.getMessage().contains("cannot create"), failure.getMessage());
    assertFalse(FaultyFileSystem.WAS_TOO_LATE.get());
    assertEquals(List.of(), TestSpark.names(directory));
  }

  /** Items of a session whose file system does not let staging be deleted. */
  private static Dataset<Row> undeletableStaging() {
    return itemsOf(Map.of(FaultyFileSystem.UNDELETABLE_KEY, "_staging"));
  }

  /** Items of a session whose file system has faults. */
  private static Dataset<Row> itemsOf(Map<String, String> faults) {
    SparkSession session = TestSpark.session().newSession();
    Configuration settings = FaultyFileSystem.register(new Configuration(false));
    faults.forEach(settings::set);
    settings.set("fs.faulty.impl.disable.cache", "true");
    settings.forEach(setting -> session.conf().set(setting.getKey(), setting.getValue()));
    var rows = TestSpark.items(List.of(0, 1, 2), TestSpark.vectors(3, 2, 1));
    return session.createDataFrame(rows.javaRDD(), rows.schema());
  }
}
