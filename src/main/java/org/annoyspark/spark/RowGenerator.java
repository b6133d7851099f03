package org.annoyspark.spark;

import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Generator;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.trees.TreePattern;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.internal.SessionState;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.Enumeration;
import scala.collection.IterableOnce;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Takes rows as Spark itself holds them, without an object for each number, and gives others. Of
 * Spark's operators, a generator is the one that may keep rows back and hand them out later: why in
 * this way is told in docs/adr/0023 and 0026.
 */
public abstract class RowGenerator extends Expression implements Generator, Serializable {

  private static final long serialVersionUID = 1L;

  private static final AtomicLong COUNT = new AtomicLong();

  private final Seq<Expression> inputs;

  private transient Partition partition;

  /**
   * @param inputs what it takes of each row
   */
  protected RowGenerator(Seq<Expression> inputs) {
    this.inputs = inputs;
  }

  /**
   * The rows that a generator gives for others.
   *
   * @param generator is made of all columns
   */
  static Dataset<Row> select(Dataset<Row> rows, Function<Seq<Expression>, Expression> generator) {
    Dataset<Row> numbered = Columns.numbered(rows);
    Column[] columns =
        IntStream.range(0, rows.columns().length)
            .mapToObj(i -> Columns.column(numbered, Integer.toString(i)))
            .toArray(Column[]::new);
    // The one way from an expression to a column that 3.5 and 4.x have in common.
    SessionState state = rows.sparkSession().sessionState();
    String name = "annoy_spark_generator_" + COUNT.incrementAndGet();
    state.functionRegistry().createOrReplaceTempFunction(name, generator::apply, "java_udf");
    try {
      return numbered.select(functions.call_udf(name, columns));
    } finally {
      state.catalog().dropTempFunction(name, true);
    }
  }

  /** The work on one partition. */
  protected interface Partition {

    /** What comes of a row by now, and of those before it. */
    Iterator<InternalRow> add(InternalRow input);

    /** What is left when there are no more rows. */
    Iterator<InternalRow> end();
  }

  /** Begins a partition whose first row is given. A task may have several, one after the other. */
  protected abstract Partition begin(InternalRow first);

  /** The same of other inputs. */
  protected abstract RowGenerator of(Seq<Expression> others);

  /** What it does to them; the inputs and this make two of them equal. */
  protected abstract Object work();

  @Override
  public final IterableOnce<InternalRow> eval(InternalRow input) {
    if (partition == null) {
      partition = begin(input);
    }
    return CollectionConverters.asScala(partition.add(input));
  }

  @Override
  public final IterableOnce<InternalRow> terminate() {
    Iterator<InternalRow> last = partition == null ? Collections.emptyIterator() : partition.end();
    partition = null;
    return CollectionConverters.asScala(last);
  }

  @Override
  public final DataType dataType() {
    return DataTypes.createArrayType(elementSchema());
  }

  @Override
  public final boolean nullable() {
    return false;
  }

  @Override
  public final boolean foldable() {
    return false;
  }

  @Override
  public final Seq<Expression> children() {
    return inputs;
  }

  @Override
  public final Expression withNewChildrenInternal(IndexedSeq<Expression> newChildren) {
    return of(newChildren.toSeq());
  }

  /** Compiled code would not ask for the last rows. */
  @Override
  public final boolean supportCodegen() {
    return false;
  }

  @Override
  public final ExprCode doGenCode(CodegenContext context, ExprCode code) {
    throw new UnsupportedOperationException("a generator that is not compiled");
  }

  /** By this, Spark finds generators in a projection. */
  @Override
  public final Seq<Enumeration.Value> nodePatterns() {
    return CollectionConverters.asScala(List.of(TreePattern.GENERATOR())).toSeq();
  }

  /** Scala's way to initialize what {@link #nodePatterns} gives. */
  @Override
  public final void org$apache$spark$sql$catalyst$expressions$Generator$_setter_$nodePatterns_$eq(
      Seq<Enumeration.Value> patterns) {}

  @Override
  public final int productArity() {
    return 2;
  }

  @Override
  public final Object productElement(int element) {
    return switch (element) {
      case 0 -> work();
      case 1 -> inputs;
      default -> throw new IndexOutOfBoundsException(element);
    };
  }

  @Override
  public final boolean canEqual(Object other) {
    return other instanceof RowGenerator;
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof RowGenerator generator
        && work().equals(generator.work())
        && inputs.equals(generator.inputs);
  }

  @Override
  public final int hashCode() {
    return 31 * work().hashCode() + inputs.hashCode();
  }
}
