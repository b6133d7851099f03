package org.annoyspark.spark.sql;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.annoyspark.spark.BatchBytes;
import org.annoyspark.spark.GrowingBatch;
import org.annoyspark.spark.RowGenerator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Answers a {@link NeighborsFunction} for many rows together: gives the same rows in the same
 * order, each with its neighbours.
 */
final class NeighborsGenerator extends RowGenerator {

  private static final long serialVersionUID = 1L;

  private final NeighborsFunction function;

  /**
   * @param inputs the vector or id, and what is kept of a row
   */
  NeighborsGenerator(NeighborsFunction function, Seq<Expression> inputs) {
    super(inputs);
    this.function = function;
  }

  NeighborsFunction function() {
    return function;
  }

  /** The same of another build. */
  NeighborsGenerator with(NeighborsFunction other) {
    return new NeighborsGenerator(other, children());
  }

  private Expression target() {
    return children().head();
  }

  private Seq<Expression> columns() {
    return children().tail().toSeq();
  }

  private record Query(float[] vector, UnsafeRow row) {}

  /** Rows that wait for their neighbours. */
  private final class Queries implements Partition {

    private final UnsafeProjection projection = UnsafeProjection.create(columns());
    private final GrowingBatch<Query> queries;
    private final long queryBytes;

    Queries() {
      BatchBytes batchBytes = BatchBytes.of(function.conf());
      queries = new GrowingBatch<>(batchBytes);
      queryBytes = batchBytes.ofQuery(function.published().index(), function.k, Float.BYTES);
    }

    @Override
    public Iterator<InternalRow> add(InternalRow input) {
      Object value = target().eval(input);
      float[] vector = function.vector(new GenericInternalRow(new Object[] {value}), 0);
      UnsafeRow row = projection.apply(input).copy();
      boolean isFull = queries.add(new Query(vector, row), queryBytes + row.getSizeInBytes());
      return isFull ? end() : Collections.emptyIterator();
    }

    @Override
    public Iterator<InternalRow> end() {
      List<Query> answered = queries.take();
      Iterator<ArrayData> neighbors = neighbors(answered.stream().map(Query::vector).toList());
      // Spark copies each row before it asks for the next.
      JoinedRow joined = new JoinedRow();
      return answered.stream()
          .map(query -> joined(joined, neighbors.next(), query.row()))
          .iterator();
    }
  }

  private static InternalRow joined(JoinedRow joined, ArrayData neighbors, InternalRow columns) {
    return joined.apply(new GenericInternalRow(new Object[] {neighbors}), columns);
  }

  /** A vector that cannot be looked up is a fault only where somebody asks for its row. */
  private Iterator<ArrayData> neighbors(List<float[]> vectors) {
    try {
      return function.produceResults(vectors).iterator();
    } catch (IllegalArgumentException e) {
      return vectors.stream().map(function::produceResult).iterator();
    }
  }

  @Override
  protected Partition begin(InternalRow first) {
    return new Queries();
  }

  /** Neighbours, and the columns as they came. */
  @Override
  public StructType elementSchema() {
    StructType schema = new StructType().add("neighbors", function.resultType());
    for (Expression column : CollectionConverters.asJava(columns())) {
      schema = schema.add("column" + schema.size(), column.dataType(), column.nullable());
    }
    return schema;
  }

  @Override
  protected RowGenerator of(Seq<Expression> others) {
    return new NeighborsGenerator(function, others);
  }

  @Override
  protected Object work() {
    return function;
  }

  /** For {@code EXPLAIN}. */
  @Override
  public String toString() {
    return function.canonicalName() + children().mkString(", many rows together, (", ", ", ")");
  }
}
