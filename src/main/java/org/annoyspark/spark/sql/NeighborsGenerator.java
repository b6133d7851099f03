package org.annoyspark.spark.sql;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.annoyspark.spark.BatchBytes;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Generator;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Enumeration;
import scala.collection.IterableOnce;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Answers {@code annoy_neighbors} for many rows together. Of Spark's operators, a generator is the
 * one that may keep rows back and hand them out later: it takes whole rows, and gives the same rows
 * in the same order, each with its neighbours.
 *
 * <p>The first batches are small, so that the first rows come soon where no more are wanted.
 */
final class NeighborsGenerator extends Expression implements Generator, Serializable {

  private static final long serialVersionUID = 1L;

  /** What a batch may take is this many times what the first may. */
  private static final int FIRST_BATCHES = 256;

  /** How many times as much the next may take. */
  private static final int GROWTH = 16;

  private final NeighborsFunction.OfVector function;

  private final Expression vector;

  /** What is kept of a row. */
  private final Seq<Expression> columns;

  private transient Batch batch;

  NeighborsGenerator(
      NeighborsFunction.OfVector function, Expression vector, Seq<Expression> columns) {
    this.function = function;
    this.vector = vector;
    this.columns = columns;
  }

  /** Rows that wait for their neighbours. */
  private final class Batch {

    private final UnsafeProjection projection = UnsafeProjection.create(columns);
    private final BatchBytes batchBytes = BatchBytes.of(function.conf());
    private final long queryBytes =
        batchBytes.ofQuery(function.published().index(), function.k, Float.BYTES);
    private long limitBytes = Math.max(1, batchBytes.most() / FIRST_BATCHES);
    private long takenBytes;
    private List<float[]> vectors = new ArrayList<>();
    private List<UnsafeRow> rows = new ArrayList<>();

    Iterator<InternalRow> add(InternalRow input) {
      vectors.add(function.vector(new GenericInternalRow(new Object[] {vector.eval(input)}), 0));
      UnsafeRow row = projection.apply(input).copy();
      rows.add(row);
      takenBytes += queryBytes + row.getSizeInBytes();
      return takenBytes < limitBytes ? Collections.emptyIterator() : answer();
    }

    Iterator<InternalRow> answer() {
      Iterator<ArrayData> neighbors = neighbors(vectors);
      List<UnsafeRow> answered = rows;
      vectors = new ArrayList<>();
      rows = new ArrayList<>();
      takenBytes = 0;
      limitBytes =
          limitBytes > batchBytes.most() / GROWTH ? batchBytes.most() : limitBytes * GROWTH;
      // Spark copies each row before it asks for the next.
      JoinedRow joined = new JoinedRow();
      return answered.stream()
          .map(
              row ->
                  (InternalRow)
                      joined.apply(new GenericInternalRow(new Object[] {neighbors.next()}), row))
          .iterator();
    }
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
  public IterableOnce<InternalRow> eval(InternalRow input) {
    if (batch == null) {
      batch = new Batch();
    }
    return CollectionConverters.asScala(batch.add(input));
  }

  /** At the end of a partition; a task that has several, one after the other, starts anew. */
  @Override
  public IterableOnce<InternalRow> terminate() {
    Iterator<InternalRow> last = batch == null ? Collections.emptyIterator() : batch.answer();
    batch = null;
    return CollectionConverters.asScala(last);
  }

  /** Neighbours, and the columns as they came. */
  @Override
  public StructType elementSchema() {
    StructType schema = new StructType().add("neighbors", function.resultType());
    for (Expression column : CollectionConverters.asJava(columns)) {
      schema = schema.add("column" + schema.size(), column.dataType(), column.nullable());
    }
    return schema;
  }

  @Override
  public DataType dataType() {
    return DataTypes.createArrayType(elementSchema());
  }

  @Override
  public boolean nullable() {
    return false;
  }

  @Override
  public boolean foldable() {
    return false;
  }

  @Override
  public Seq<Expression> children() {
    List<Expression> children = new ArrayList<>(List.of(vector));
    children.addAll(CollectionConverters.asJava(columns));
    return CollectionConverters.asScala(children).toSeq();
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> newChildren) {
    return new NeighborsGenerator(function, newChildren.head(), newChildren.tail().toSeq());
  }

  /** For {@code EXPLAIN}. */
  @Override
  public String toString() {
    return function.canonicalName()
        + ", many rows together, "
        + columns.mkString("(" + vector + ", ", ", ", ")");
  }

  /** Compiled code would not ask for the last rows. */
  @Override
  public boolean supportCodegen() {
    return false;
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    throw new UnsupportedOperationException("a generator that is not compiled");
  }

  @Override
  public Seq<Enumeration.Value> nodePatterns() {
    return BatchedLookups.none();
  }

  /** Scala's way to initialize what {@link #nodePatterns} gives. */
  @Override
  public void org$apache$spark$sql$catalyst$expressions$Generator$_setter_$nodePatterns_$eq(
      Seq<Enumeration.Value> patterns) {}

  @Override
  public int productArity() {
    return 3;
  }

  @Override
  public Object productElement(int element) {
    return switch (element) {
      case 0 -> function;
      case 1 -> vector;
      case 2 -> columns;
      default -> throw new IndexOutOfBoundsException(element);
    };
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof NeighborsGenerator;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NeighborsGenerator generator
        && function.equals(generator.function)
        && vector.equals(generator.vector)
        && columns.equals(generator.columns);
  }

  @Override
  public int hashCode() {
    return Objects.hash(function, vector, columns);
  }
}
