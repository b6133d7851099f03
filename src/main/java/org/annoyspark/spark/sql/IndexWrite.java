package org.annoyspark.spark.sql;

import java.io.IOException;
import java.util.Optional;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.spark.InvalidInputException;
import org.annoyspark.spark.ItemRows;
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.UnreachableException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;

/** Writing a DataFrame as an index. */
final class IndexWrite {

  private final SourceOptions options;
  private final Dataset<Row> rows;

  IndexWrite(SourceOptions options, Dataset<Row> rows) {
    this.options = options;
    this.rows = rows;
  }

  /**
   * Builds, as the mode has it. Appending builds anew, of the items that are there and the rows.
   *
   * @throws IllegalArgumentException if an index is there and must not be
   */
  void run(SaveMode mode) throws IOException {
    IndexBuild build = build();
    Optional<IndexMetadata> existing = existing();
    if (existing.isEmpty() || mode == SaveMode.Overwrite) {
      build.overwrite(mode == SaveMode.Overwrite).run(rows, options.path());
    } else if (mode == SaveMode.ErrorIfExists) {
      throw new IllegalArgumentException(
          "output "
              + options.path()
              + ": exists already; the mode overwrite replaces the index that is there, append adds"
              + " to its items");
    } else if (mode == SaveMode.Append) {
      append(build, existing.get());
    }
  }

  private Optional<IndexMetadata> existing() throws IOException {
    return UnreachableException.naming(
        "output",
        options.path(),
        () -> {
          IndexDirectory directory =
              new IndexDirectory(
                  options.path(), rows.sparkSession().sessionState().newHadoopConf());
          return directory.isIndex() ? Optional.of(directory.readMetadata()) : Optional.empty();
        });
  }

  private IndexBuild build() {
    IndexBuild build = new IndexBuild().idColumn(idCol()).featuresColumn(featuresCol());
    options.get(SourceOptions.METRIC).ifPresent(build::metric);
    options.trees().ifPresent(build::trees);
    options.number(SourceOptions.SEED).ifPresent(build::seed);
    options.dotLayout().ifPresent(build::dotLayout);
    options.get(SourceOptions.DOT_NORM_CAP).map(DotNormCap::of).ifPresent(build::dotNormCap);
    build.checkColumns(rows.schema());
    return build;
  }

  private String idCol() {
    return options.get(SourceOptions.ID_COL).orElse(ItemRows.ID_COLUMN);
  }

  private String featuresCol() {
    return options.get(SourceOptions.FEATURES_COL).orElse(ItemRows.FEATURES_COLUMN);
  }

  /** What is not set is as in the index. A build published meanwhile is not replaced. */
  private void append(IndexBuild build, IndexMetadata existing) throws IOException {
    checkAgrees(SourceOptions.METRIC, existing.metric(), options.get(SourceOptions.METRIC));
    if (existing.dotLayout() != null) {
      checkAgrees(
          SourceOptions.DOT_LAYOUT, existing.dotLayout(), options.get(SourceOptions.DOT_LAYOUT));
      build.dotLayout(DotLayout.ofLabel(existing.dotLayout()));
    }
    String idType = build.checkColumns(rows.schema());
    if (!idType.equals(existing.ids().type())) {
      throw new InvalidInputException(
          "column '"
              + idCol()
              + "': expected ids like the index's, "
              + existing.ids().type()
              + ", to append to it, found "
              + idType);
    }
    if (options.get(SourceOptions.NUM_TREES).isEmpty()) {
      build.trees(TreeCount.of(existing.trees()));
    }
    if (options.get(SourceOptions.SEED).isEmpty()) {
      build.seed(existing.seed());
    }
    String normCap = existing.parameters().get("dotNormCap");
    if (normCap != null && options.get(SourceOptions.DOT_NORM_CAP).isEmpty()) {
      build.dotNormCap(DotNormCap.of(normCap));
    }
    Dataset<Row> items = rows.sparkSession().read().format("annoy").load(options.path());
    build
        .metric(existing.metric())
        .idColumn(ItemRows.ID_COLUMN)
        .featuresColumn(ItemRows.FEATURES_COLUMN)
        .overwrite(true)
        .replacing(existing.build())
        .run(items.union(ItemRows.of(rows, idCol(), featuresCol())), options.path());
  }

  private void checkAgrees(String option, String existing, Optional<String> given) {
    if (given.isPresent() && !given.get().equals(existing)) {
      throw new IllegalArgumentException(
          "option '"
              + option
              + "': expected "
              + existing
              + ", as the index has that is appended to, found "
              + given.get());
    }
  }
}
