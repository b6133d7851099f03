package org.annoyspark.spark;

import static org.annoyspark.storage.IdTable.ID_COLUMN;
import static org.annoyspark.storage.IdTable.ITEM_COLUMN;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.MergePlan;
import org.annoyspark.format.SeededTrees;
import org.annoyspark.index.TreeCount;
import org.annoyspark.storage.IdTable;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.Staging;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/** A forest of the trees of published indexes over the same items, and of some grown anew. */
final class ForestMergeRun implements BuildRun.Forest {

  private final BuildRun run;
  private final List<PublishedForest> forests;
  private final int moreTrees;
  private final OptionalLong seed;
  private String replacedBuild;

  ForestMergeRun(BuildRun run, List<PublishedForest> forests, int moreTrees, OptionalLong seed) {
    this.run = run;
    this.forests = List.copyOf(forests);
    this.moreTrees = moreTrees;
    this.seed = seed;
  }

  IndexBuild.Report run() throws IOException {
    run.stage("check", this::check);
    return run.publish(this);
  }

  private Void check() throws IOException {
    findReplacedBuild();
    for (PublishedForest forest : forests) {
      checkSameItems(forest);
      checkOtherTrees(forest);
    }
    checkFits();
    checkIds();
    if (forests.size() > 1) {
      checkSameVectors();
    }
    int oldTrees = forests.stream().mapToInt(forest -> forest.metadata().trees()).sum();
    run.tell("check    %s, %,d trees", items(first()), oldTrees);
    return null;
  }

  /** By its name, for paths can be written in many ways. */
  private void findReplacedBuild() throws IOException {
    if (run.directory().isIndex()) {
      String inForce = run.directory().readMetadata().build();
      boolean isMerged =
          forests.stream().anyMatch(forest -> forest.metadata().build().equals(inForce));
      replacedBuild = isMerged ? inForce : null;
    }
  }

  private void checkFits() {
    int items = metadata().items();
    long fileNodes =
        items + forests.stream().mapToLong(forest -> forest.metadata().nodes() - items).sum();
    long fileTrees = forests.stream().mapToLong(forest -> forest.metadata().trees()).sum();
    MergePlan.checkFits(
        first().plan().layout(),
        items,
        items - metadata().holes(),
        fileNodes,
        fileTrees,
        moreTrees);
    if (moreTrees > 0) {
      more();
    }
  }

  private PublishedForest first() {
    return forests.get(0);
  }

  private IndexMetadata metadata() {
    return first().metadata();
  }

  /** What two indexes must have in common, besides ids and vectors. */
  private static String items(PublishedForest forest) {
    IndexMetadata metadata = forest.metadata();
    String normCap = parameters(metadata).get("dotNormCap");
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

  private static Map<String, String> parameters(IndexMetadata metadata) {
    return metadata.parameters() == null ? Map.of() : metadata.parameters();
  }

  private void checkSameItems(PublishedForest forest) {
    if (!items(forest).equals(items(first()))) {
      throw new InvalidInputException(
          forest.directory()
              + ": expected "
              + items(first())
              + ", as "
              + first().directory()
              + " has, found "
              + items(forest));
    }
  }

  /** The same tree twice takes room and finds nothing more. */
  private void checkOtherTrees(PublishedForest forest) {
    for (PublishedForest before : forests.subList(0, forests.indexOf(forest))) {
      for (SeededTrees old : before.metadata().grown()) {
        for (SeededTrees other : forest.metadata().grown()) {
          if (old.overlaps(other)) {
            throw new InvalidInputException(
                forest.directory()
                    + ": expected other trees than "
                    + before.directory()
                    + " has, "
                    + old
                    + ", found "
                    + other
                    + ": build with another seed, or another first tree");
          }
        }
      }
    }
  }

  /** That each index maps all of its items, and all map them to the same ids. */
  private void checkIds() {
    if (!metadata().ids().mapped()) {
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
    SerializableConfiguration conf = run.conf();
    run.spark()
        .parallelize(List.of(address), 1)
        .foreach(
            index -> {
              IndexMetadata metadata = index.readMetadata(conf.value());
              Path directory = new Path(index.file().getParent(), metadata.ids().directory());
              IdTable.open(directory, metadata, conf.value());
            });
  }

  private Dataset<Row> ids(PublishedForest forest) {
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
          long end = Math.min((piece + 1L) * pieceNodes, metadata().items());
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

  @Override
  public String identity() {
    return forests.stream()
        .map(forest -> forest.file().path())
        .collect(Collectors.joining("\n", "annoy-spark " + Version.NAME + "\nmerge of ", ""));
  }

  @Override
  public Leftovers leftovers() {
    return Leftovers.none();
  }

  /** If it is published where one of the indexes is, it must not replace a later one. */
  @Override
  public String replacedBuild() {
    return replacedBuild;
  }

  @Override
  public BuildRun.StagedForest stage(Staging staging, Publication publication) throws IOException {
    if (metadata().ids().mapped()) {
      run.stage("ids", () -> copyIds(publication.stagedIds()));
    }
    StagedItems items = run.stage("items", () -> cutItems(staging.pieces()));
    List<GrownTree> trees = run.stage("trees", () -> cutAndGrowTrees(items, staging.pieces()));
    return new BuildRun.StagedForest(first().metricChoice(), items, trees);
  }

  private Void copyIds(Path target) {
    ids(first()).orderBy(ITEM_COLUMN).write().parquet(target.toString());
    run.tell("ids      %,d copied", metadata().items());
    return null;
  }

  private StagedItems cutItems(Path pieces) {
    StagedItems items = new CutStage(first(), run.conf()).items(run.spark(), pieces);
    run.tell("items    %,d nodes in %,d pieces, copied", items.items(), items.pieces().size());
    return items;
  }

  private List<GrownTree> cutAndGrowTrees(StagedItems items, Path pieces) {
    List<GrownTree> trees = new ArrayList<>();
    for (PublishedForest forest : forests) {
      trees.addAll(new CutStage(forest, run.conf()).trees(run.spark(), pieces, trees.size()));
    }
    int copied = trees.size();
    if (moreTrees > 0) {
      SeededTrees more = more();
      TreeWork work =
          new TreeWork(first().metricChoice(), more.seed(), items, pieces.toString(), run.conf());
      trees.addAll(
          new TreeStage(work, Map.of())
              .run(run.spark(), more.firstTree(), TreeCount.of(more.trees())));
    }
    run.tell(
        "trees    %,d with %,d nodes, %,d of them copied",
        trees.size(), trees.stream().mapToLong(GrownTree::nodes).sum(), copied);
    return trees;
  }

  /** Numbered on, so that none is there already. */
  private SeededTrees more() {
    long moreSeed = seed.orElse(metadata().seed());
    long next =
        forests.stream()
            .flatMap(forest -> forest.metadata().grown().stream())
            .filter(old -> old.seed() == moreSeed)
            .mapToLong(SeededTrees::end)
            .max()
            .orElse(0);
    if (next + moreTrees > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          String.format(
              "trees: expected numbers up to %d, found %d more from %d on: take another seed",
              Integer.MAX_VALUE, moreTrees, next));
    }
    return new SeededTrees(moreSeed, (int) next, moreTrees);
  }

  @Override
  public IndexMetadata metadata(MergePlan plan, IndexMetadata.IndexFile file) {
    List<SeededTrees> grown = List.of();
    for (PublishedForest forest : forests) {
      for (SeededTrees trees : forest.metadata().grown()) {
        grown = SeededTrees.append(grown, trees);
      }
    }
    if (moreTrees > 0) {
      grown = SeededTrees.append(grown, more());
    }
    IndexMetadata.Ids ids = metadata().ids();
    Map<String, String> parameters = new LinkedHashMap<>(parameters(metadata()));
    parameters.put("trees", Integer.toString(plan.trees()));
    return new IndexMetadata(
        IndexMetadata.FORMAT_VERSION,
        run.name(),
        metadata().metric(),
        metadata().dimension(),
        metadata().dotLayout(),
        metadata().items(),
        metadata().holes(),
        plan.trees(),
        plan.totalNodes(),
        metadata().nodeBytes(),
        metadata().seed(),
        grown,
        new IndexMetadata.Ids(
            ids.mapped(), ids.type(), ids.mapped() ? IndexDirectory.idsName(run.name()) : null),
        file,
        "annoy-spark " + Version.NAME,
        parameters,
        null);
  }
}
