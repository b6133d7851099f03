package org.annoyspark.spark;

import java.util.Collections;
import java.util.Iterator;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;

/** Joins queries with their neighbours, many together. */
final class QueryGenerator extends RowGenerator {

  private static final long serialVersionUID = 1L;

  private final QueryTask task;
  private final StructType joined;
  private final boolean hasBuild;

  /**
   * @param joined the columns of queries, and that of neighbours
   * @param hasBuild whether the input has a column more, {@link BuildInForce}'s, which says what
   *     build to ask instead of the task's
   * @param inputs all columns of the queries
   */
  QueryGenerator(QueryTask task, StructType joined, boolean hasBuild, Seq<Expression> inputs) {
    super(inputs);
    this.task = task;
    this.joined = joined;
    this.hasBuild = hasBuild;
  }

  /** Queries that wait for their neighbours, all of one build. */
  private final class Queries implements Partition {

    private final UnsafeProjection columns =
        UnsafeProjection.create(hasBuild ? children().init().toSeq() : children());
    private final QueryTask ofBuild;
    private final PublishedIndex published;
    private final GrowingBatch<UnsafeRow> queries;
    private final long queryBytes;

    Queries(InternalRow first) {
      ofBuild = hasBuild ? task.of(build(first)) : task;
      published = ofBuild.search().open();
      BatchBytes batchBytes = ofBuild.search().batchBytes();
      queries = new GrowingBatch<>(batchBytes);
      queryBytes = batchBytes.ofQuery(published.index(), ofBuild.search().k(), Float.BYTES);
    }

    @Override
    public Iterator<InternalRow> add(InternalRow input) {
      UnsafeRow query = columns.apply(input).copy();
      boolean isFull = queries.add(query, queryBytes + query.getSizeInBytes());
      return isFull ? end() : Collections.emptyIterator();
    }

    @Override
    public Iterator<InternalRow> end() {
      return ofBuild.join(queries.take(), published);
    }
  }

  private IndexAddress build(InternalRow input) {
    return BuildInForce.of((byte[]) children().last().eval(input));
  }

  @Override
  protected Partition begin(InternalRow first) {
    return new Queries(first);
  }

  @Override
  public StructType elementSchema() {
    return joined;
  }

  @Override
  protected RowGenerator of(Seq<Expression> others) {
    return new QueryGenerator(task, joined, hasBuild, others);
  }

  @Override
  protected Object work() {
    return task;
  }

  /** For {@code EXPLAIN}. */
  @Override
  public String toString() {
    return "annoy-spark join of " + task.search();
  }
}
