package org.annoyspark.spark.sql;

import java.io.IOException;
import java.util.Optional;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.spark.IndexBuild;
import org.annoyspark.storage.IndexDirectory;
import org.annoyspark.storage.UnreachableException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;

/** Writing a DataFrame as an index; what modes mean here is told in docs/adr/0025. */
final class IndexWrite {

  private final SourceOptions options;
  private final Dataset<Row> rows;

  IndexWrite(SourceOptions options, Dataset<Row> rows) {
    this.options = options;
    this.rows = rows;
  }

  /**
   * Builds, as the mode has it.
   *
   * @return whether it has built one: {@link SaveMode#Ignore} leaves alone whatever is there
   * @throws IllegalArgumentException if something is there that must not be
   */
  boolean run(SaveMode mode) throws IOException {
    IndexDirectory directory =
        new IndexDirectory(options.path(), rows.sparkSession().sessionState().newHadoopConf());
    Optional<IndexMetadata> existing = existing(directory);
    if (existing.isPresent() && mode == SaveMode.Append) {
      new IndexChange(options, existing.get()).append(rows);
      return true;
    }
    IndexBuild build = build();
    if (existing.isPresent() && mode == SaveMode.ErrorIfExists) {
      throw new IllegalArgumentException(
          "output "
              + options.path()
              + ": exists already; the mode overwrite replaces the index that is there, append adds"
              + " to its items");
    }
    boolean isIgnored =
        mode == SaveMode.Ignore && (existing.isPresent() || directory.holdsOtherFiles());
    if (!isIgnored) {
      build.overwrite(mode == SaveMode.Overwrite).run(rows, options.path());
    }
    return !isIgnored;
  }

  private Optional<IndexMetadata> existing(IndexDirectory directory) throws IOException {
    return UnreachableException.naming(
        "output",
        options.path(),
        () -> directory.isIndex() ? Optional.of(directory.readMetadata()) : Optional.empty());
  }

  private IndexBuild build() {
    IndexBuild build =
        new IndexBuild().idColumn(options.idCol()).featuresColumn(options.featuresCol());
    options.get(SourceOptions.METRIC).ifPresent(build::metric);
    options.dimension().ifPresent(build::dimension);
    options.trees().ifPresent(build::trees);
    options.number(SourceOptions.SEED).ifPresent(build::seed);
    options.dotLayout().ifPresent(build::dotLayout);
    options.dotNormCap().ifPresent(build::dotNormCap);
    build.checkColumns(rows.schema());
    return build;
  }
}
