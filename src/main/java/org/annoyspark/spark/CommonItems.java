package org.annoyspark.spark;

import static org.annoyspark.storage.IdTable.ID_COLUMN;
import static org.annoyspark.storage.IdTable.ITEM_COLUMN;

import java.util.List;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.storage.IdTable;
import org.annoyspark.storage.IndexAddress;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The items that published indexes have in common: the same vectors, numbers and ids, or none. */
final class CommonItems {

  private final BuildRun run;
  private final List<PublishedForest> forests;

  CommonItems(BuildRun run, List<PublishedForest> forests) {
    this.run = run;
    this.forests = forests;
  }

  /**
   * Checks what metadata says.
   *
   * @throws InvalidInputException if that of an index says something else than the first's
   */
  void checkMetadata() {
    forests.forEach(this::checkSameItems);
  }

  /**
   * Reads all ids and, if there are several indexes, vectors.
   *
   * @throws InvalidInputException if an index has others than the first
   */
  void checkContent() {
    checkIds();
    if (forests.size() > 1) {
      checkSameVectors();
    }
  }

  private PublishedForest first() {
    return forests.get(0);
  }

  /** What two indexes must have in common, besides ids and vectors; for people, too. */
  static String inWords(PublishedForest forest) {
    IndexMetadata metadata = forest.metadata();
    String normCap = metadata.parameters().get("dotNormCap");
    return String.format(
        "%,d items of dimension %,d, %s%s%s, ids %s%s",
        metadata.items() - metadata.holes(),
        metadata.dimension(),
        metadata.metric(),
        metadata.dotLayout() == null ? "" : " of layout " + metadata.dotLayout(),
        normCap == null ? "" : " and norm cap " + normCap,
        metadata.ids().type(),
        metadata.ids().mapped() ? ", mapped to item numbers" : " up to " + (metadata.items() - 1));
  }

  private void checkSameItems(PublishedForest forest) {
    if (!inWords(forest).equals(inWords(first()))) {
      throw new InvalidInputException(
          forest.directory()
              + ": expected "
              + inWords(first())
              + ", as "
              + first().directory()
              + " has, found "
              + inWords(forest));
    }
  }

  /** That each index maps all of its items, and all map them to the same ids. */
  private void checkIds() {
    if (!first().metadata().ids().mapped()) {
      return;
    }
    for (PublishedForest forest : forests) {
      readIds(forest.address());
    }
    for (PublishedForest other : forests.subList(1, forests.size())) {
      List<Row> lacking = ids(first()).except(ids(other)).orderBy(ITEM_COLUMN).takeAsList(1);
      if (!lacking.isEmpty()) {
        throw new InvalidInputException(
            String.format(
                "%s: expected the ids of %s, where item %d is '%s', found another id for it",
                other.directory(),
                first().directory(),
                lacking.get(0).getInt(0),
                lacking.get(0).get(1)));
      }
    }
  }

  /** As a join reads them, which checks them; on an executor. */
  private void readIds(IndexAddress address) {
    TaskConf conf = run.conf();
    Tasks.run(
        run.spark(),
        List.of(address),
        index -> {
          IndexMetadata metadata = index.readMetadata(conf.value());
          Path directory = new Path(index.file().getParent(), metadata.ids().directory());
          IdTable.open(directory, metadata, conf.value());
          return true;
        });
  }

  /** The mapping of an index: item and id. */
  Dataset<Row> ids(PublishedForest forest) {
    // Spark takes some characters for a pattern.
    String path = forest.ids().toString().replaceAll("[\\[\\]{}*?\\\\]", "\\\\$0");
    return run.session().read().parquet(path).select(ITEM_COLUMN, ID_COLUMN);
  }

  private void checkSameVectors() {
    int pieceNodes = StagedItems.pieceNodes(first().plan().layout());
    List<List<String>> expected = itemChecksums(first());
    for (PublishedForest other : forests.subList(1, forests.size())) {
      List<List<String>> found = itemChecksums(other);
      for (int piece = 0; piece < found.size(); piece++) {
        if (!found.get(piece).equals(expected.get(piece))) {
          long end = Math.min((piece + 1L) * pieceNodes, first().metadata().items());
          throw new InvalidInputException(
              String.format(
                  "%s: expected the vectors of %s, found others among items %d to %d",
                  other.directory(), first().directory(), piece * pieceNodes, end - 1));
        }
      }
    }
  }

  private List<List<String>> itemChecksums(PublishedForest forest) {
    return new CutStage(forest, run.conf()).itemChecksums(run.spark());
  }
}
