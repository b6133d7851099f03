package org.annoyspark.spark.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.annoyspark.spark.InvalidInputException;
import org.annoyspark.storage.AnnoyConf;
import org.annoyspark.storage.IndexAddress;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;

/** The arguments of a call in a query that is being analysed, on the driver. */
final class Arguments {

  private final FunctionDefinition function;
  private final List<Expression> expressions;
  private final Configuration conf = SparkSession.active().sessionState().newHadoopConf();

  /**
   * @throws InvalidInputException if there are too few or too many
   * @throws IllegalArgumentException if a setting cannot be used
   */
  Arguments(FunctionDefinition function, List<Expression> expressions) {
    new AnnoyConf(conf).check();
    this.function = function;
    this.expressions = expressions;
    int most = function.parameters().size();
    if (expressions.size() < function.required() || expressions.size() > most) {
      throw new InvalidInputException(
          String.format(
              "%s: expected %s arguments, %s, found %d",
              function.name(),
              function.required() == most ? most : function.required() + " or " + most,
              String.join(", ", function.parameters()),
              expressions.size()));
    }
  }

  String functionName() {
    return function.name();
  }

  Configuration conf() {
    return conf;
  }

  boolean has(int argument) {
    return argument < expressions.size();
  }

  Expression get(int argument) {
    return expressions.get(argument);
  }

  DataType[] types() {
    return expressions.stream().map(Expression::dataType).toArray(DataType[]::new);
  }

  /**
   * The index that the first argument names.
   *
   * @throws UncheckedIOException if there is none
   */
  IndexAddress index() {
    if (!(get(0).dataType() instanceof StringType)) {
      throw unexpected(0, "the URI of an index", get(0).dataType().simpleString());
    }
    try {
      return IndexAddress.resolve(constant(0).toString(), null, conf);
    } catch (IOException e) {
      throw new UncheckedIOException(function.name() + ": " + e.getMessage(), e);
    }
  }

  int constantInt(int argument) {
    if (!isIntegral(get(argument).dataType())) {
      throw unexpected(argument, "an int", get(argument).dataType().simpleString());
    }
    long value = ((Number) constant(argument)).longValue();
    if (value != (int) value) {
      throw unexpected(argument, "an int", Long.toString(value));
    }
    return (int) value;
  }

  private Object constant(int argument) {
    Expression expression = get(argument);
    if (!expression.foldable()) {
      throw unexpected(argument, "a constant", expression.sql());
    }
    Object value = expression.eval(null);
    if (value == null) {
      throw unexpected(argument, "a constant", "NULL");
    }
    return value;
  }

  /**
   * How an id has to reach the function.
   *
   * @throws InvalidInputException if it is no id of that index
   */
  DataType idType(int argument, IndexAddress index) {
    DataType found = get(argument).dataType();
    boolean areStrings = index.idType().equals("string");
    if (areStrings ? found instanceof StringType : isIntegral(found)) {
      return areStrings ? found : DataTypes.LongType;
    }
    if (found instanceof NullType) {
      return areStrings ? DataTypes.StringType : DataTypes.LongType;
    }
    throw unexpected(argument, "an id like the index's, " + index.idType(), found.simpleString());
  }

  private static boolean isIntegral(DataType type) {
    return type instanceof IntegerType
        || type instanceof LongType
        || type instanceof ShortType
        || type instanceof ByteType;
  }

  InvalidInputException unexpected(int argument, String expected, String found) {
    return new InvalidInputException(
        String.format(
            "%s: %s: expected %s, found %s",
            function.name(), function.parameters().get(argument), expected, found));
  }
}
