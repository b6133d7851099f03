package org.annoyspark.spark.sql;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.SeededTrees;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.InvalidInputException;
import org.annoyspark.spark.ItemRows;
import org.annoyspark.storage.IndexAddress;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Other items for an index that is there: a new build in its place, which is as the index in all
 * that the options leave open.
 */
final class IndexChange {

  private static final List<String> ITEM_COLUMNS =
      List.of(ItemRows.ID_COLUMN, ItemRows.FEATURES_COLUMN);

  private final SourceOptions options;
  private final IndexMetadata existing;

  IndexChange(SourceOptions options, IndexMetadata existing) {
    this.options = options;
    this.existing = existing;
  }

  /**
   * The items that are there and the rows. A build published meanwhile is not replaced.
   *
   * @throws InvalidInputException if the rows are not like the index's items
   * @throws IllegalArgumentException if the options contradict the index
   */
  void append(Dataset<Row> rows) throws IOException {
    IndexBuild build = build().replacing(existing.build()).dimension(existing.dimension());
    Dataset<Row> added = items(rows);
    build.run(itemsThere(rows.sparkSession()).union(added), options.path());
  }

  /** All of one build, however often they are read. */
  private Dataset<Row> itemsThere(SparkSession session) throws IOException {
    IndexAddress address =
        IndexAddress.resolve(options.path(), null, session.sessionState().newHadoopConf());
    return session.baseRelationToDataFrame(new BuildRelation(session.sqlContext(), address));
  }

  /**
   * The rows alone.
   *
   * @throws InvalidInputException if the rows are not like the index's items
   * @throws IllegalArgumentException if the options contradict the index
   */
  void replace(Dataset<Row> rows) throws IOException {
    build().run(items(rows), options.path());
  }

  /** Rows in the form of the index's items. */
  private Dataset<Row> items(Dataset<Row> rows) {
    // A table's rows are in that form, whatever columns it was made of.
    boolean areItems = List.of(rows.columns()).equals(ITEM_COLUMNS);
    String idCol = areItems ? ItemRows.ID_COLUMN : options.idCol();
    String featuresCol = areItems ? ItemRows.FEATURES_COLUMN : options.featuresCol();
    String idType =
        new IndexBuild().idColumn(idCol).featuresColumn(featuresCol).checkColumns(rows.schema());
    if (!idType.equals(existing.ids().type())) {
      throw new InvalidInputException(
          "column '"
              + idCol
              + "': expected ids like the index's, "
              + existing.ids().type()
              + ", found "
              + idType);
    }
    return ItemRows.of(rows, idCol, featuresCol);
  }

  private IndexBuild build() {
    options.checkAgrees(SourceOptions.METRIC, existing.metric());
    options.checkDimension(existing.dimension());
    // Of an index that was merged, the first trees: a build is of one seed.
    SeededTrees grown = existing.grown().get(0);
    Optional<Long> seed = options.number(SourceOptions.SEED);
    IndexBuild build =
        new IndexBuild()
            .metric(existing.metric())
            .trees(options.trees().orElse(TreeCount.of(existing.trees())))
            .seed(seed.orElse(grown.seed()))
            .firstTree(seed.isPresent() ? 0 : grown.firstTree())
            .overwrite(true);
    if (existing.dotLayout() != null) {
      options.checkAgrees(SourceOptions.DOT_LAYOUT, existing.dotLayout());
      build.dotLayout(DotLayout.ofLabel(existing.dotLayout()));
    }
    options.dotNormCap().or(this::existingNormCap).ifPresent(build::dotNormCap);
    return build;
  }

  private Optional<DotNormCap> existingNormCap() {
    return Optional.ofNullable(existing.parameters().get(SourceOptions.DOT_NORM_CAP))
        .map(DotNormCap::of);
  }
}
