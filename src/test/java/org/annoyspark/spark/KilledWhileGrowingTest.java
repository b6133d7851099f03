package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds that are killed between one tree and the next: complete trees are kept, others not. */
class KilledWhileGrowingTest {

  /** Enough for a tree to have upper levels. */
  private static final int ITEMS = 40_000;

  @TempDir Path directory;
  private final List<String> progress = new ArrayList<>();

  /** On two cores, four trees make two groups: 0 and 1, 2 and 3. */
  @Test
  void aTreeIsKeptThoughItsGroupIsNotComplete() throws Exception {
    kill("", SuddenEndFileSystem.settings("tree-00003", 1));
    assertEquals(1, receipts(stagings().get(0), "tree-00002").size());
    assertSameIndexWhenResumed();
    assertTrue(line("resume").matches("resume   [123] trees of .*"), line("resume"));
  }

  @Test
  void subtreesAreNotTakenForTrees() throws Exception {
    kill("trees", List.of());
    Path first = stagings().get(0);
    Files.delete(receipts(first, "tree-00001").get(0));
    // One tree is left for two cores.
    kill("", SuddenEndFileSystem.settings("subtrees-", 4));
    List<Path> stagings = stagings();
    Path second = stagings.get(1);
    assertEquals(List.of(first, second), stagings);
    assertEquals(
        3, TestSpark.names(second).stream().filter(n -> n.startsWith("subtrees-")).count());
    assertEquals(List.of(), receipts(second, ""));

    assertSameIndexWhenResumed();

    String names = "[" + first.getFileName() + ", " + second.getFileName() + "]";
    assertEquals("resume   3 trees of " + names, line("resume"));
    assertTrue(line("trees").endsWith(", 3 of them kept"), line("trees"));
  }

  private void kill(String stage, List<String> settings) throws Exception {
    KilledBuild.run(directory.resolve("log"), index(), stage, ITEMS, settings);
  }

  private String index() {
    return directory.resolve("index").toString();
  }

  private void assertSameIndexWhenResumed() throws IOException {
    IndexBuild.Report resumed =
        KilledBuild.build()
            .resume(true)
            .progress(progress::add)
            .run(KilledBuild.items(ITEMS), index());
    IndexBuild.Report undisturbed =
        KilledBuild.build()
            .run(KilledBuild.items(ITEMS), directory.resolve("undisturbed").toString());
    assertEquals(
        TestSpark.sha256(TestSpark.file(undisturbed)), TestSpark.sha256(TestSpark.file(resumed)));
    assertEquals(4, TestSpark.names(directory.resolve("index")).size());
  }

  /** In order of time. */
  private List<Path> stagings() throws IOException {
    Path index = directory.resolve("index");
    return TestSpark.names(index).stream()
        .filter(name -> name.startsWith("_staging-"))
        .map(index::resolve)
        .toList();
  }

  private static List<Path> receipts(Path staging, String prefix) throws IOException {
    return TestSpark.names(staging).stream()
        .filter(name -> name.startsWith(prefix) && name.endsWith(".done"))
        .map(staging::resolve)
        .toList();
  }

  private String line(String stage) {
    return progress.stream().filter(line -> line.startsWith(stage)).findFirst().orElseThrow();
  }
}
