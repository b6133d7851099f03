package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.SeededTrees;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.TreeCount;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forests that are grown apart give the bytes of one that is grown at once. */
class ForestMergeTest {

  private static final int COUNT = 300;
  private static final float[][] VECTORS = TestSpark.vectors(COUNT, 6, 5);

  /** A hole before every item, and just not so many that they would be mapped. */
  private static final List<Integer> EVEN = IntStream.range(0, COUNT).mapToObj(i -> 2 * i).toList();

  @TempDir Path directory;

  private static IndexBuild trees(int count) {
    return new IndexBuild().trees(TreeCount.of(count));
  }

  private static Dataset<Row> words() {
    return words("word ", VECTORS);
  }

  private static Dataset<Row> words(String prefix, float[][] vectors) {
    return TestSpark.items(IntStream.range(0, COUNT).mapToObj(i -> prefix + i).toList(), vectors);
  }

  private String at(String name) {
    return directory.resolve(name).toString();
  }

  /** The files' bytes, and all that is said of them but for names. */
  private static void assertSameIndex(IndexBuild.Report expected, IndexBuild.Report found)
      throws IOException {
    assertEquals(
        TestSpark.sha256(TestSpark.file(expected)), TestSpark.sha256(TestSpark.file(found)));
    IndexMetadata one = expected.metadata();
    IndexMetadata other = found.metadata();
    assertEquals(one.grown(), other.grown());
    assertEquals(one.parameters(), other.parameters());
    assertEquals(one.trees(), other.trees());
    assertEquals(one.holes(), other.holes());
    assertEquals(one.file().crc32c(), other.file().crc32c());
  }

  @ParameterizedTest
  @ValueSource(strings = {"angular", "euclidean", "manhattan", "hamming", "dot 1.17", "dot main"})
  void addedTreesAreThoseOfOneBuild(String metricAndLayout) throws IOException {
    Dataset<Row> items = TestSpark.items(EVEN, VECTORS);
    IndexBuild.Report all = build(7, metricAndLayout).run(items, at("all"));
    IndexBuild.Report old = build(3, metricAndLayout).run(items, at("index"));
    IndexBuild.Report added =
        new ForestMerge()
            .index(at("index"))
            .moreTrees(4)
            .overwrite(true)
            .run(TestSpark.session(), at("index"));
    assertSameIndex(all, added);
    assertEquals(old.metadata().build(), added.metadata().previousBuild());
  }

  private static IndexBuild build(int trees, String metricAndLayout) {
    String[] words = metricAndLayout.split(" ");
    IndexBuild build = trees(trees).metric(words[0]);
    return words.length == 1 ? build : build.dotLayout(DotLayout.ofLabel(words[1]));
  }

  /** Two pieces of items, and two chunks of checksums, which neither pieces nor trees end at. */
  @Test
  void piecesAndChunksAreCutThrough() throws IOException {
    Dataset<Row> items =
        TestSpark.session()
            .range(0, 4500)
            .selectExpr(
                "id",
                "transform(sequence(1, 510), z -> cast(xxhash64(id, z) / 9e18 as float)) features");
    IndexBuild.Report one = trees(1).run(items, at("one"));
    trees(1).firstTree(1).run(items, at("other"));
    ForestMerge merge = new ForestMerge().index(at("one")).index(at("other"));
    IndexBuild.Report merged = merge.run(TestSpark.session(), at("merged"));
    assertEquals(2, one.metadata().file().crc32c().size());
    assertSameIndex(trees(2).run(items, at("all")), merged);

    // The roots are in the other chunk, so that it is a task that finds it out.
    damage(one, 1000);
    Exception failure =
        assertThrows(Exception.class, () -> merge.run(TestSpark.session(), at("out")));
    assertTrue(failure.getMessage().contains("; the file is damaged"), failure.getMessage());
    assertFalse(Files.exists(directory.resolve("out")));
  }

  private static void damage(IndexBuild.Report report, int atByte) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(TestSpark.file(report).toFile(), "rw")) {
      file.seek(atByte);
      int old = file.read();
      file.seek(atByte);
      file.write(old ^ 1);
    }
  }

  /** As versions published them that could not merge. */
  @Test
  void anIndexThatDoesNotTellWhereItsTreesComeFrom() throws IOException {
    trees(2).run(words(), at("index"));
    try (var files = Files.list(directory.resolve("index"))) {
      for (Path metadata : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        String json = Files.readString(metadata);
        String without = json.replaceFirst("(?s)\\s*\"grown\" : \\[.*?\\],", "");
        assertFalse(without.contains("grown"));
        assertTrue(without.length() < json.length());
        Files.writeString(metadata, without);
      }
    }
    IndexBuild.Report added =
        new ForestMerge().index(at("index")).moreTrees(1).run(TestSpark.session(), at("added"));
    assertSameIndex(trees(3).run(words(), at("all")), added);
  }

  /** Spark would take the name for a pattern. */
  @Test
  void anyNameOfADirectoryWillDo() throws IOException {
    trees(1).run(words(), at("an [index] {1}"));
    trees(1).firstTree(1).run(words(), at("another*?"));
    IndexBuild.Report merged =
        new ForestMerge()
            .index(at("an [index] {1}"))
            .index(at("another*?"))
            .run(TestSpark.session(), at("merged"));
    assertSameIndex(trees(2).run(words(), at("all")), merged);
  }

  @Test
  void idsThatAreNotAllThereAreNotCopied() throws IOException {
    trees(1).run(words(), at("index"));
    try (var files = Files.walk(directory.resolve("index"))) {
      Files.delete(
          files
              .filter(f -> f.toString().endsWith(".parquet") && Files.isRegularFile(f))
              .findFirst()
              .orElseThrow());
    }
    ForestMerge merge = new ForestMerge().index(at("index")).moreTrees(1);
    Exception failure =
        assertThrows(Exception.class, () -> merge.run(TestSpark.session(), at("out")));
    assertTrue(failure.getMessage().contains("ids-"), failure.getMessage());
    assertFalse(Files.exists(directory.resolve("out")));
  }

  @Test
  void anAnnoyFileAloneIsRefused() throws IOException {
    String file = TestSpark.file(trees(1).run(words(), at("words"))).toString();
    ForestMerge merge = new ForestMerge().index(file).moreTrees(1).overwrite(true);
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> merge.run(TestSpark.session(), file));
    assertEquals(
        file
            + ": expected the directory of an index, found a file: an Annoy file alone does not tell"
            + " where its trees end",
        refusal.getMessage());
  }

  @Test
  void moreTreesThanFitAreRefusedBeforeAnyWork() throws IOException {
    trees(1).firstTree(SeededTrees.MOST_FIRST_TREE).run(words(), at("words"));
    ForestMerge tooLarge = new ForestMerge().index(at("words")).moreTrees(Integer.MAX_VALUE);
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> tooLarge.run(TestSpark.session(), at("out")));
    assertTrue(
        refusal.getMessage().startsWith("too many nodes: an Annoy file holds at most 2147483647"),
        refusal.getMessage());
    assertFalse(Files.exists(directory.resolve("out")));
  }

  @Test
  void mappedIdsComeAlong() throws IOException {
    trees(1).run(words(), at("first"));
    IndexBuild.Report second = trees(2).firstTree(1).run(words(), at("second"));
    assertEquals(List.of(new SeededTrees(42, 1, 2)), second.metadata().grown());
    IndexBuild.Report merged =
        new ForestMerge()
            .index(at("first"))
            .index(at("second"))
            .moreTrees(1)
            .run(TestSpark.session(), at("merged"));
    assertSameIndex(trees(4).run(words(), at("all")), merged);
    Dataset<Row> queries = TestSpark.items(List.of("q"), new float[][] {VECTORS[77]});
    List<Row> neighbors = new KnnJoin(1).run(queries, at("merged")).first().getList(2);
    assertEquals("word 77", neighbors.get(0).getString(0));
    assertEquals(4, TestSpark.names(directory.resolve("merged")).size());
  }

  /** A bucket of all items is a tree of one node. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 9})
  void smallTreesToo(int count) throws IOException {
    Dataset<Row> items = TestSpark.items(TestSpark.numbers(count), TestSpark.vectors(count, 6, 5));
    trees(2).run(items, at("index"));
    IndexBuild.Report added =
        new ForestMerge().index(at("index")).moreTrees(3).run(TestSpark.session(), at("more"));
    assertSameIndex(trees(5).run(items, at("all")), added);
  }

  @Test
  void treesOfAnotherSeedAreNumberedOnTheirOwn() throws IOException {
    trees(2).run(words(), at("index"));
    ForestMerge more = new ForestMerge().index(at("index")).moreTrees(3).seed(7);
    IndexBuild.Report added = more.run(TestSpark.session(), at("added"));
    assertEquals(
        List.of(new SeededTrees(42, 0, 2), new SeededTrees(7, 0, 3)), added.metadata().grown());
    trees(3).seed(7).run(words(), at("seven"));
    IndexBuild.Report merged =
        new ForestMerge().index(at("index")).index(at("seven")).run(TestSpark.session(), at("m"));
    assertSameIndex(added, merged);
    IndexBuild.Report again =
        new ForestMerge().index(at("m")).moreTrees(1).seed(7).run(TestSpark.session(), at("n"));
    assertEquals(
        List.of(new SeededTrees(42, 0, 2), new SeededTrees(7, 0, 4)), again.metadata().grown());
  }

  @Test
  void theSameTreesTwiceAreRefused() throws IOException {
    trees(4).run(words(), at("one"));
    trees(4).firstTree(3).run(words(), at("other"));
    assertRefused(
        at("other")
            + ": expected other trees than "
            + at("one")
            + " has, trees 0 to 3 of seed 42, found trees 3 to 6 of seed 42: build with another"
            + " seed, or another first tree",
        at("one"),
        at("other"));
    assertRefused(
        at("one")
            + ": expected other trees than "
            + at("one")
            + " has, trees 0 to 3 of seed 42, found trees 0 to 3 of seed 42: build with another"
            + " seed, or another first tree",
        at("one"),
        at("one"));
  }

  /** Which matters more than that the trees have the same numbers. */
  @Test
  void otherItemsAreRefused() throws IOException {
    trees(1).run(words(), at("words"));
    trees(1).metric("euclidean").run(words(), at("euclidean"));
    assertRefused(
        at("euclidean")
            + ": expected 300 items of dimension 6, angular, ids string, mapped to item numbers, as "
            + at("words")
            + " has, found 300 items of dimension 6, euclidean, ids string, mapped to item numbers",
        at("words"),
        at("euclidean"));
  }

  @Test
  void otherVectorsAreRefused() throws IOException {
    trees(1).run(words(), at("words"));
    float[][] others = TestSpark.vectors(COUNT, 6, 5);
    others[200][3] += 1;
    trees(1).firstTree(1).run(words("word ", others), at("others"));
    assertRefused(
        at("others")
            + ": expected the vectors of "
            + at("words")
            + ", found others among items 0 to 299",
        at("words"),
        at("others"));
  }

  @Test
  void otherIdsAreRefused() throws IOException {
    trees(1).run(words(), at("words"));
    trees(1).firstTree(1).run(words("Word ", VECTORS), at("others"));
    assertRefused(
        at("others")
            + ": expected the ids of "
            + at("words")
            + ", where item 0 is 'word 0', found another id for it",
        at("words"),
        at("others"));
  }

  @Test
  void nothingToMergeIsRefused() throws IOException {
    trees(1).run(words(), at("words"));
    for (ForestMerge merge : List.of(new ForestMerge(), new ForestMerge().index(at("words")))) {
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class, () -> merge.run(TestSpark.session(), at("out")));
      assertTrue(refusal.getMessage().startsWith("expected two indexes, or one and "));
    }
    assertFalse(Files.exists(directory.resolve("out")));
  }

  /** Its trees may be over other rows. */
  @Test
  void aBuildPublishedMeanwhileStays() throws IOException {
    trees(1).run(words(), at("index"));
    String[] published = new String[1];
    ForestMerge merge =
        new ForestMerge()
            .index(at("index"))
            .moreTrees(1)
            .overwrite(true)
            .progress(
                line -> {
                  if (published[0] == null) {
                    published[0] = publishAnother();
                  }
                });
    IOException refusal =
        assertThrows(IOException.class, () -> merge.run(TestSpark.session(), at("index")));
    assertTrue(
        refusal.getMessage().contains(", which this one goes on from, found build " + published[0]),
        refusal.getMessage());
    Path index = directory.resolve("index");
    assertEquals(2, AnnoyIndex.open(index).trees());
    assertEquals(7, TestSpark.names(index).size(), TestSpark.names(index).toString());
  }

  private String publishAnother() {
    try {
      return trees(2).overwrite(true).run(words(), at("index")).metadata().build();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aDamagedIndexIsNotMerged() throws IOException {
    IndexBuild.Report report = trees(1).run(words(), at("index"));
    damage(report, 1000);
    ForestMerge merge = new ForestMerge().index(at("index")).moreTrees(1);
    CorruptIndexException refusal =
        assertThrows(CorruptIndexException.class, () -> merge.run(TestSpark.session(), at("out")));
    assertTrue(refusal.getMessage().contains("CRC32C of bytes 0 to "), refusal.getMessage());
    assertFalse(Files.exists(directory.resolve("out")));
  }

  private void assertRefused(String message, String... indexes) {
    ForestMerge merge = new ForestMerge();
    List.of(indexes).forEach(merge::index);
    InvalidInputException refusal =
        assertThrows(
            InvalidInputException.class, () -> merge.run(TestSpark.session(), at("refused")));
    assertEquals(message, refusal.getMessage());
    assertFalse(Files.exists(directory.resolve("refused")));
  }
}
