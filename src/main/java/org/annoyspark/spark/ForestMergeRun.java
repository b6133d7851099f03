package org.annoyspark.spark;

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
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.Staging;
import org.apache.hadoop.fs.Path;

/** A forest of the trees of published indexes over the same items, and of some grown anew. */
final class ForestMergeRun implements BuildRun.Forest {

  private final BuildRun run;
  private final List<PublishedForest> forests;
  private final int moreTrees;
  private final OptionalLong seed;
  private final CommonItems items;
  private String replacedBuild;

  ForestMergeRun(BuildRun run, List<PublishedForest> forests, int moreTrees, OptionalLong seed) {
    this.run = run;
    this.forests = List.copyOf(forests);
    this.moreTrees = moreTrees;
    this.seed = seed;
    this.items = new CommonItems(run, this.forests);
  }

  IndexBuild.Report run() throws IOException {
    run.stage("check", this::check);
    return run.publish(this);
  }

  private Void check() throws IOException {
    findReplacedBuild();
    items.checkMetadata();
    checkFits();
    for (int forest = 1; forest < forests.size(); forest++) {
      checkOtherTrees(forests.get(forest), forests.subList(0, forest));
    }
    items.checkContent();
    int oldTrees = forests.stream().mapToInt(forest -> forest.metadata().trees()).sum();
    run.tell("check    %s, %,d trees", CommonItems.inWords(first()), oldTrees);
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
    int itemNodes = metadata().items();
    long fileNodes =
        itemNodes
            + forests.stream().mapToLong(forest -> forest.metadata().nodes() - itemNodes).sum();
    long fileTrees = forests.stream().mapToLong(forest -> forest.metadata().trees()).sum();
    MergePlan.checkFits(
        first().plan().layout(),
        itemNodes,
        itemNodes - metadata().holes(),
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

  /** The same tree twice takes room and finds nothing more. */
  private static void checkOtherTrees(PublishedForest forest, List<PublishedForest> others) {
    for (PublishedForest before : others) {
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
    StagedItems staged = run.stage("items", () -> cutItems(staging.pieces()));
    List<GrownTree> trees = run.stage("trees", () -> cutAndGrowTrees(staged, staging.pieces()));
    return new BuildRun.StagedForest(first().metricChoice(), staged, trees);
  }

  private Void copyIds(Path target) {
    items.ids(first()).orderBy(IdTable.ITEM_COLUMN).write().parquet(target.toString());
    run.tell("ids      %,d copied", metadata().items());
    return null;
  }

  private StagedItems cutItems(Path pieces) {
    StagedItems staged = new CutStage(first(), run.conf()).items(run.spark(), pieces);
    run.tell("items    %,d nodes in %,d pieces, copied", staged.items(), staged.pieces().size());
    return staged;
  }

  private List<GrownTree> cutAndGrowTrees(StagedItems staged, Path pieces) {
    List<GrownTree> trees = new ArrayList<>();
    for (PublishedForest forest : forests) {
      trees.addAll(new CutStage(forest, run.conf()).trees(run.spark(), pieces, trees.size()));
    }
    int copied = trees.size();
    if (moreTrees > 0) {
      SeededTrees more = more();
      TreeWork work =
          new TreeWork(first().metricChoice(), more.seed(), staged, pieces.toString(), run.conf());
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
    Map<String, String> parameters = new LinkedHashMap<>(metadata().parameters());
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
