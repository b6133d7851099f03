package org.annoyspark.spark;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.MergePlan;
import org.annoyspark.format.SeededTrees;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.AnnoyConf;
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.StagedFile;
import org.annoyspark.storage.Staging;
import org.apache.hadoop.fs.Path;

/** A forest that is grown from rows: check, number, stage items, grow trees. */
final class IndexBuildRun implements BuildRun.Forest {

  private final BuildRun run;
  private final InputRows input;
  private final IndexBuild.Options options;
  private Checked checked;
  private Leftovers leftovers = Leftovers.none();

  IndexBuildRun(BuildRun run, InputRows input, IndexBuild.Options options) {
    this.run = run;
    this.input = input;
    this.options = options;
  }

  /** What the check found out, and what follows from it. */
  private record Checked(
      InputSummary summary, SortedIds ids, IdMapper mapper, MetricChoice metric) {}

  IndexBuild.Report run() throws IOException {
    // A setting that cannot be used is better known now than when the trees are grown.
    new AnnoyConf(run.conf().value()).check();
    checked = run.stage("check", this::check);
    if (options.resume()) {
      leftovers = run.stage("resume", this::findLeftovers);
    }
    return run.publish(this);
  }

  private Checked check() {
    SortedIds ids = new SortedIds(input);
    InputSummary summary = InputCheck.checkItems(input, ids, options.dimension());
    IdMapper mapper = new IdMapper(input.ids(), summary);
    MetricChoice metric =
        new MetricChoice(options.metric(), summary.dimension(), options.dotLayout());
    checkFits(metric, mapper.items(summary), summary.rows());
    run.tell(
        "check    %,d items of dimension %,d, ids %s%s",
        summary.rows(),
        summary.dimension(),
        input.ids().type(),
        mapper.isMapped() ? ", mapped to item numbers" : "");
    return new Checked(summary, ids, mapper, metric);
  }

  private void checkFits(MetricChoice metric, long items, long presentItems) {
    if (options.trees().isAuto()) {
      MergePlan.checkFitsTwice(items);
    } else {
      int trees = options.trees().fixed();
      MergePlan.checkFits(metric.metric().layout(), items, presentItems, trees);
    }
  }

  @Override
  public String identity() {
    return String.join(
        "\n",
        "annoy-spark " + Version.NAME,
        "metric " + checked.metric().metric() + normCapInWords(),
        "seed " + options.seed(),
        "ids " + input.ids().type() + (checked.mapper().isMapped() ? ", mapped" : ""),
        "rows " + checked.summary().rows(),
        String.format("content %016x", checked.summary().contentHash()));
  }

  @Override
  public String replacedBuild() {
    return options.replacedBuild();
  }

  private String normCapInWords() {
    return checked.metric().metric().hasNormCap() ? ", norm cap " + options.dotNormCap() : "";
  }

  private Leftovers findLeftovers() throws IOException {
    List<Staging> left = Staging.left(run.directory(), identity(), run.conf().value());
    Leftovers found = Leftovers.find(left, run.spark(), run.conf());
    if (found.isEmpty()) {
      run.tell("resume   nothing to go on from: no killed build of these rows and options");
    } else {
      run.tell("resume   %,d trees of %s", found.trees().size(), found.names());
    }
    return found;
  }

  @Override
  public Leftovers leftovers() {
    return leftovers;
  }

  @Override
  public BuildRun.StagedForest stage(Staging staging, Publication publication) throws IOException {
    ItemPieces pieces = run.stage("ids", () -> number(publication));
    StagedItems items = run.stage("items", () -> stageItems(pieces, staging.pieces()));
    List<GrownTree> trees = run.stage("trees", () -> growTrees(items, staging.pieces()));
    return new BuildRun.StagedForest(checked.metric(), items, trees);
  }

  private ItemPieces number(Publication publication) {
    IdMapper mapper = checked.mapper();
    if (mapper.isMapped()) {
      mapper.writeIds(run.session(), checked.ids(), publication.stagedIds());
      run.tell("ids      %,d mapped", checked.summary().rows());
    }
    int items = Math.toIntExact(mapper.items(checked.summary()));
    int pieceNodes = StagedItems.pieceNodes(checked.metric().metric().layout());
    return mapper.pieces(checked.ids(), items, pieceNodes);
  }

  private StagedItems stageItems(ItemPieces pieces, Path staging) {
    int items = pieces.items();
    Optional<StagedItems> kept = leftovers.items(checked.metric().metric().layout(), items);
    float squaredNormCap = options.dotNormCap().squaredNorm(checked.summary().spread());
    StagedItems staged =
        kept.isPresent() ? kept.get() : writeItems(pieces, squaredNormCap, staging);
    run.tell(
        "items    %,d nodes in %,d pieces%s",
        items, staged.pieces().size(), kept.isPresent() ? ", kept" : "");
    return staged;
  }

  private StagedItems writeItems(ItemPieces pieces, float squaredNormCap, Path staging) {
    ItemStage.Staged staged =
        new ItemStage(checked.metric(), pieces, squaredNormCap, staging, run.conf())
            .run(run.spark(), input, checked.summary());
    if (!staged.areAsChecked()) {
      run.tell(
          "note: vectors came out differently when they were read again; the same input may give"
              + " other bytes");
    }
    return staged.items();
  }

  private List<GrownTree> growTrees(StagedItems items, Path pieces) {
    Map<Integer, StagedFile> kept = leftovers.trees();
    TreeWork work =
        new TreeWork(checked.metric(), options.seed(), items, pieces.toString(), run.conf());
    List<GrownTree> trees =
        new TreeStage(work, kept).run(run.spark(), options.firstTree(), options.trees());
    long nodes = trees.stream().mapToLong(GrownTree::nodes).sum();
    long old = trees.stream().filter(tree -> kept.containsKey(tree.tree())).count();
    run.tell(
        "trees    %,d with %,d nodes%s",
        trees.size(), nodes, old > 0 ? String.format(", %,d of them kept", old) : "");
    return trees;
  }

  @Override
  public IndexMetadata metadata(MergePlan plan, IndexMetadata.IndexFile file) {
    Metric metric = checked.metric().metric();
    boolean mapped = checked.mapper().isMapped();
    return new IndexMetadata(
        IndexMetadata.FORMAT_VERSION,
        run.name(),
        metric.name(),
        metric.dimension(),
        metric.dotLayoutLabel(),
        plan.items(),
        (int) (plan.items() - checked.summary().rows()),
        plan.trees(),
        plan.totalNodes(),
        plan.layout().nodeBytes(),
        options.seed(),
        List.of(new SeededTrees(options.seed(), options.firstTree(), plan.trees())),
        new IndexMetadata.Ids(
            mapped, input.ids().type(), mapped ? IndexDirectory.idsName(run.name()) : null),
        file,
        "annoy-spark " + Version.NAME,
        parameters(metric),
        null);
  }

  /** What was asked for, where the outcome does not tell it. */
  private Map<String, String> parameters(Metric metric) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("trees", options.trees().toString());
    if (metric.hasNormCap()) {
      parameters.put("dotNormCap", options.dotNormCap().toString());
    }
    return parameters;
  }
}
