package org.annoyspark.spark.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.annoyspark.spark.ItemRows;
import org.annoyspark.storage.AnnoyConf;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.IndexDirectory;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.InsertableRelation;
import org.apache.spark.sql.sources.PrunedFilteredScan;
import org.apache.spark.sql.types.StructType;

/** The items of an index, as rows. Each query reads the build in force when it is planned. */
final class IndexRelation extends BaseRelation implements PrunedFilteredScan, InsertableRelation {

  private final SQLContext context;
  private final SourceOptions options;

  /** When this relation was made. */
  private final IndexAddress index;

  private IndexRelation(SQLContext context, SourceOptions options, IndexAddress index) {
    this.context = context;
    this.options = options;
    this.index = index;
  }

  /**
   * @throws IllegalArgumentException if an option is not as the index has it
   * @throws IOException if there is no index
   */
  static IndexRelation of(SQLContext context, SourceOptions options) throws IOException {
    IndexAddress index = inForce(context, options);
    options.checkAgrees(SourceOptions.METRIC, index.metric());
    options.checkDimension(index.dimension());
    return new IndexRelation(context, options, index);
  }

  private static IndexAddress inForce(SQLContext context, SourceOptions options)
      throws IOException {
    Configuration conf = conf(context);
    new AnnoyConf(conf).check();
    return IndexAddress.resolve(options.path(), options.bareFile(), conf);
  }

  private static Configuration conf(SQLContext context) {
    return context.sparkSession().sessionState().newHadoopConf();
  }

  @Override
  public SQLContext sqlContext() {
    return context;
  }

  @Override
  public StructType schema() {
    return ItemRows.schema(index.idType());
  }

  @Override
  public long sizeInBytes() {
    return current().lengthBytes();
  }

  @Override
  public RDD<Row> buildScan(String[] columns, Filter[] filters) {
    return new BuildRelation(context, current()).buildScan(columns, filters);
  }

  /** A session keeps a table's relation, while builds come and go. */
  private IndexAddress current() {
    try {
      IndexAddress current = inForce(context, options);
      if (!current.idType().equals(index.idType())) {
        throw new IllegalArgumentException(
            options.path()
                + ": expected ids of type "
                + index.idType()
                + ", as when the table was made, found "
                + current.idType()
                + "; read it again, or make the table or view anew");
      }
      return current;
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** {@code INSERT INTO} and {@code INSERT OVERWRITE}: rows have this relation's columns. */
  @Override
  public void insert(Dataset<Row> rows, boolean overwrite) {
    try {
      IndexChange change = change();
      if (overwrite) {
        change.replace(rows);
      } else {
        change.append(rows);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** The options that a table was made with say nothing of an index that has changed since. */
  private IndexChange change() throws IOException {
    if (index.isBareFile()) {
      throw new IllegalArgumentException(
          options.path()
              + ": expected the directory of an index to write rows to, found a bare Annoy file");
    }
    IndexDirectory directory = new IndexDirectory(options.path(), conf(context));
    return new IndexChange(SourceOptions.ofPath(options.path()), directory.readMetadata());
  }

  /** Lets Spark see that two queries read the same: what it has cached stays so until refreshed. */
  @Override
  public boolean equals(Object other) {
    return other instanceof IndexRelation relation && identity().equals(relation.identity());
  }

  @Override
  public int hashCode() {
    return identity().hashCode();
  }

  private List<Object> identity() {
    // The items of a directory are the same with any options, and by any name of it.
    return index.isBareFile()
        ? List.of(options)
        : List.of(index.file().getParent(), index.idType());
  }

  @Override
  public String toString() {
    return "annoy " + options.path();
  }
}
