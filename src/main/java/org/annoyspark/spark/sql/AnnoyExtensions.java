package org.annoyspark.spark.sql;

import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.SparkSessionExtensionsProvider;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Gives every session {@link AnnoyFunctions} and the rules of how they are asked. A session finds
 * it by itself where the jar is on the class path that it starts with, and by {@code
 * spark.sql.extensions=org.annoyspark.spark.sql.AnnoyExtensions} otherwise.
 */
public final class AnnoyExtensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit>
    implements SparkSessionExtensionsProvider {

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    AnnoyFunctions.ALL.forEach(function -> function.addTo(extensions));
    AnnoyFunctions.RULES.forEach(rule -> extensions.injectPreCBORule(session -> rule));
    return BoxedUnit.UNIT;
  }
}
