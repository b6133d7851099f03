package org.annoyspark.spark.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.CreatableRelationProvider;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Map;
import scala.jdk.javaapi.CollectionConverters;

/**
 * {@code format("annoy")}: writing builds an index of the rows, reading gives its items as {@code
 * id, features array<float>}. Spark's first interface for sources, for it hands over the whole
 * DataFrame, and a build needs several passes over it.
 */
public final class AnnoySource
    implements DataSourceRegister, RelationProvider, CreatableRelationProvider {

  @Override
  public String shortName() {
    return "annoy";
  }

  @Override
  public BaseRelation createRelation(SQLContext context, Map<String, String> parameters) {
    SourceOptions options = new SourceOptions(CollectionConverters.asJava(parameters));
    try {
      return IndexRelation.of(context, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  @Override
  public BaseRelation createRelation(
      SQLContext context, SaveMode mode, Map<String, String> parameters, Dataset<Row> data) {
    SourceOptions options = new SourceOptions(CollectionConverters.asJava(parameters));
    try {
      boolean isBuilt = new IndexWrite(options, data).run(mode);
      return isBuilt ? IndexRelation.of(context, options) : new NoRelation(context, data.schema());
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** For Spark, which wants one, where nothing was written: it asks for its schema alone. */
  private static final class NoRelation extends BaseRelation {

    private final SQLContext context;
    private final StructType schema;

    NoRelation(SQLContext context, StructType schema) {
      this.context = context;
      this.schema = schema;
    }

    @Override
    public SQLContext sqlContext() {
      return context;
    }

    @Override
    public StructType schema() {
      return schema;
    }
  }
}
