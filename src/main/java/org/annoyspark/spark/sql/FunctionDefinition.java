package org.annoyspark.spark.sql;

import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistryBase;
import org.apache.spark.sql.catalyst.expressions.ApplyFunctionExpression;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.Function1;
import scala.Tuple3;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A SQL function, and how a call of it becomes an expression while a query is analysed; why in this
 * way is told in docs/adr/0017.
 *
 * @param parameters names of the arguments, in order
 * @param required how many of them must be given
 * @param usage for {@code DESCRIBE FUNCTION}
 */
record FunctionDefinition(
    String name,
    List<String> parameters,
    int required,
    String usage,
    Function<Arguments, IndexFunction<?>> make) {

  /** As extensions are given functions. */
  Tuple3<FunctionIdentifier, ExpressionInfo, Function1<Seq<Expression>, Expression>> toInject() {
    return new Tuple3<>(new FunctionIdentifier(name), info(), builder());
  }

  void addTo(FunctionRegistryBase<Expression> registry) {
    // Not registerFunction: 4.2 wants an identifier there that the others do not know.
    registry.createOrReplaceTempFunction(name, builder(), "java_udf");
  }

  private ExpressionInfo info() {
    StringBuilder call =
        new StringBuilder("_FUNC_(").append(String.join(", ", parameters.subList(0, required)));
    for (String optional : parameters.subList(required, parameters.size())) {
      call.append("[, ").append(optional).append(']');
    }
    return new ExpressionInfo(
        IndexFunction.class.getName(),
        null,
        name,
        call + ") - " + usage + ".",
        "",
        "",
        "",
        "",
        "",
        "",
        "java_udf");
  }

  private Function1<Seq<Expression>, Expression> builder() {
    return arguments -> {
      var given = new Arguments(this, CollectionConverters.asJava(arguments));
      return new ApplyFunctionExpression(make.apply(given), arguments);
    };
  }
}
