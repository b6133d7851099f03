package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.storage.FaultyFileSystem;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Once the metadata is in place the index is published, come what may. */
class CommitTest {

  @TempDir Path directory;

  @Test
  void failingToTidyUpDoesNotTakeTheIndexBack() throws IOException {
    Path index = directory.resolve("index");
    SparkSession session = TestSpark.session().newSession();
    Configuration settings = FaultyFileSystem.register(new Configuration(false));
    settings.set(FaultyFileSystem.UNDELETABLE_KEY, "_staging");
    settings.set("fs.faulty.impl.disable.cache", "true");
    settings.forEach(setting -> session.conf().set(setting.getKey(), setting.getValue()));
    var rows = TestSpark.items(List.of(0, 1, 2), TestSpark.vectors(3, 2, 1));
    var items = session.createDataFrame(rows.javaRDD(), rows.schema());
    List<String> progress = new ArrayList<>();

    IndexBuild.Report report =
        new IndexBuild().progress(progress::add).run(items, "faulty:" + index);

    assertTrue(
        progress.get(progress.size() - 1).startsWith("warning: older files are left in faulty:"),
        progress.toString());
    assertEquals(3, AnnoyIndex.open(index).items());
    assertTrue(TestSpark.names(index).contains(report.metadata().file().name()));
  }
}
