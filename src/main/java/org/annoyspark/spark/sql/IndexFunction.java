package org.annoyspark.spark.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.OptionalInt;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A function of an index that has been resolved to one build. A task gets a copy, which opens the
 * index at the first row and keeps it.
 */
abstract class IndexFunction<R> implements ScalarFunction<R>, Cloneable {

  private static final long serialVersionUID = 1L;

  private final String name;
  private final SerializableConfiguration conf;
  private IndexAddress index;
  private boolean isRefreshed;

  /** What the arguments are cast to. */
  private final DataType[] inputTypes;

  private transient PublishedIndex published;

  IndexFunction(Arguments arguments, IndexAddress index, DataType[] inputTypes) {
    this.name = arguments.functionName();
    this.index = index;
    this.conf = new SerializableConfiguration(arguments.conf());
    this.inputTypes = inputTypes;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final DataType[] inputTypes() {
    return inputTypes;
  }

  /** Null if an argument is null, or an id is not the index's. */
  @Override
  public abstract R produceResult(InternalRow input);

  /** What the result follows from, besides the rows. */
  String settings() {
    return name;
  }

  /** The build that it asks. */
  final IndexAddress index() {
    return index;
  }

  /** Whether its build was chosen for one batch of a stream. */
  final boolean isRefreshed() {
    return isRefreshed;
  }

  /** The same of a build that was chosen for one batch of a stream. */
  final IndexFunction<?> refreshed(IndexAddress build) {
    try {
      IndexFunction<?> copy = (IndexFunction<?>) clone();
      copy.index = build;
      copy.isRefreshed = true;
      copy.published = null;
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  final Configuration conf() {
    return conf.value();
  }

  final PublishedIndex published() {
    if (published == null) {
      try {
        published = PublishedIndex.open(index, conf.value());
      } catch (IOException e) {
        throw new UncheckedIOException(name + ": " + e.getMessage(), e);
      }
    }
    return published;
  }

  /** The item of the id that is an argument. */
  final OptionalInt item(InternalRow input, int argument) {
    return item(input, argument, inputTypes[argument]);
  }

  /** The item of the id in a column. */
  final OptionalInt item(InternalRow row, int column, DataType type) {
    if (row.isNullAt(column)) {
      return OptionalInt.empty();
    }
    Object id =
        type instanceof LongType
            ? (Object) row.getLong(column)
            : row.getUTF8String(column).toString();
    OptionalInt item = published().ids().item(id);
    return item.isPresent() && published().index().isItem(item.getAsInt())
        ? item
        : OptionalInt.empty();
  }

  @Override
  public final String canonicalName() {
    return "org.annoyspark." + settings() + " of " + index;
  }

  /**
   * Lets Spark see that two queries ask the same, as for a cached table. Of two nodes that are
   * equal it keeps the old one, so what was refreshed differs from what was not.
   */
  @Override
  public final boolean equals(Object other) {
    return other instanceof IndexFunction<?> function
        && settings().equals(function.settings())
        && isRefreshed == function.isRefreshed
        && index.equals(function.index)
        && java.util.Arrays.equals(inputTypes, function.inputTypes);
  }

  @Override
  public final int hashCode() {
    return 31 * index.hashCode() + settings().hashCode();
  }

  /** In {@code EXPLAIN}. */
  @Override
  public final String toString() {
    return name;
  }
}
