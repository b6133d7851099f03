package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  /** Nobody has to guess: what stands there can be read. */
  @Test
  void aCommitThatFailsIsTakenBack() throws IOException {
    Path index = directory.resolve("index");
    Dataset<Row> unwritable = itemsOf(Map.of(FaultyFileSystem.UNWRITABLE_KEY, "metadata.json"));
    assertEquals("cannot create faulty:" + index + "/metadata.json", failure(unwritable, index));
    assertFalse(Files.exists(index));

    new IndexBuild().run(itemsOf(Map.of()), "faulty:" + index);
    List<String> before = TestSpark.names(index);
    failure(unwritable, index);
    assertEquals(before, TestSpark.names(index));
    assertEquals(3, AnnoyIndex.open(index).items());
  }

  private static String failure(Dataset<Row> items, Path index) {
    IndexBuild build = new IndexBuild().overwrite(true);
    return assertThrows(UncheckedIOException.class, () -> build.run(items, "faulty:" + index))
        .getCause()
        .getMessage();
  }

  @Test
  void aCommitOfWhichOnlyTheReplyIsLostIsOne() throws IOException {
    Path index = directory.resolve("index");
    Dataset<Row> items = itemsOf(Map.of(FaultyFileSystem.NO_REPLY_KEY, "metadata.json"));
    IndexBuild.Report report = new IndexBuild().run(items, "faulty:" + index);
    assertEquals(3, AnnoyIndex.open(index).items());
    assertEquals(
        List.of(
            report.metadata().file().name(),
            "metadata-" + report.metadata().build() + ".json",
            "metadata.json"),
        TestSpark.names(index));
  }

  @Test
  void anUnknownOutcomeIsReportedAndNothingIsDeleted() throws IOException {
    Path index = directory.resolve("index");
    Dataset<Row> items =
        itemsOf(
            Map.of(
                FaultyFileSystem.NO_REPLY_KEY, "metadata.json", //
                FaultyFileSystem.UNREADABLE_KEY, "metadata.json"));
    assertUnknown("no reply about ", items, index);
    assertEquals(3, AnnoyIndex.open(index).items());
    assertEquals(4, TestSpark.names(index).size(), TestSpark.names(index).toString());
  }

  /** The old metadata is still there when it is read again, but for how long? */
  @Test
  void aCommitWithoutAnAnswerInTimeIsUnknownToo() throws IOException {
    Path index = directory.resolve("index");
    new IndexBuild().run(itemsOf(Map.of()), "faulty:" + index);
    Dataset<Row> items = itemsOf(Map.of(FaultyFileSystem.TIMED_OUT_KEY, "metadata.json"));
    String build = assertUnknown("no answer about ", items, index);
    assertEquals(6, TestSpark.names(index).size(), TestSpark.names(index).toString());
    Files.copy(
        index.resolve("metadata-" + build + ".json"),
        index.resolve("metadata.json"),
        StandardCopyOption.REPLACE_EXISTING);
    assertEquals(3, AnnoyIndex.open(index).items());
  }

  /** The build that failed. */
  private static String assertUnknown(String reason, Dataset<Row> items, Path index) {
    IndexBuild build = new IndexBuild().overwrite(true);
    String message =
        assertThrows(CommitUnknownException.class, () -> build.run(items, "faulty:" + index))
            .getMessage();
    String start = "faulty:" + index + "/metadata.json: writing it failed, and it may or may not";
    assertTrue(message.startsWith(start), message);
    assertTrue(message.contains(reason), message);
    Matcher end =
        Pattern.compile("nothing was deleted; if it names build (.*), the index is whole$")
            .matcher(message);
    assertTrue(end.find(), message);
    return end.group(1);
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
