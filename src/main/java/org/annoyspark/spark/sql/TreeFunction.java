package org.annoyspark.spark.sql;

import java.util.function.UnaryOperator;
import scala.PartialFunction;
import scala.runtime.AbstractPartialFunction;

/** A function of every node, as Spark wants it to transform its trees. */
final class TreeFunction<T> extends AbstractPartialFunction<T, T> {

  private final UnaryOperator<T> function;

  private TreeFunction(UnaryOperator<T> function) {
    this.function = function;
  }

  static <T> PartialFunction<T, T> eachOf(UnaryOperator<T> function) {
    return new TreeFunction<>(function);
  }

  @Override
  public boolean isDefinedAt(T node) {
    return true;
  }

  @Override
  public T apply(T node) {
    return function.apply(node);
  }
}
