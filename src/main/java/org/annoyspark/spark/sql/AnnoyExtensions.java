package org.annoyspark.spark.sql;

import java.util.List;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.SparkSessionExtensionsProvider;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.Function1;
import scala.Tuple3;
import scala.collection.immutable.Seq;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Gives every session {@link AnnoyFunctions} and the rules of how they are asked. A session finds
 * it by itself where the jar is on the class path that it starts with, and by {@code
 * spark.sql.extensions=org.annoyspark.spark.sql.AnnoyExtensions} otherwise.
 */
public final class AnnoyExtensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit>
    implements SparkSessionExtensionsProvider {

  /** Made once: of two that are not the same, Spark warns that one replaces the other. */
  private static final List<
          Tuple3<FunctionIdentifier, ExpressionInfo, Function1<Seq<Expression>, Expression>>>
      FUNCTIONS = AnnoyFunctions.ALL.stream().map(FunctionDefinition::toInject).toList();

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    FUNCTIONS.forEach(extensions::injectFunction);
    addToBuiltIn();
    AnnoyFunctions.RULES.forEach(rule -> extensions.injectPreCBORule(session -> rule));
    return BoxedUnit.UNIT;
  }

  /** Up to 4.1, other functions are temporary ones, which permanent views may not use. */
  private static void addToBuiltIn() {
    SparkSessionExtensions ours = new SparkSessionExtensions();
    FUNCTIONS.forEach(ours::injectFunction);
    ours.registerFunctions(FunctionRegistry$.MODULE$.builtin());
  }
}
