package org.annoyspark.spark.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.annoyspark.storage.IndexAddress;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.CreatableRelationProvider;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
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
    SourceOptions options = SourceOptions.toRead(CollectionConverters.asJava(parameters));
    try {
      return new IndexRelation(
          context,
          IndexAddress.resolve(
              options.path(),
              options.bareFile(),
              SparkSession.active().sessionState().newHadoopConf()));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  @Override
  public BaseRelation createRelation(
      SQLContext context, SaveMode mode, Map<String, String> parameters, Dataset<Row> data) {
    SourceOptions options = SourceOptions.toWrite(CollectionConverters.asJava(parameters));
    try {
      new IndexWrite(options, data).run(mode);
      return new IndexRelation(
          context,
          IndexAddress.resolve(
              options.path(), null, data.sparkSession().sessionState().newHadoopConf()));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
