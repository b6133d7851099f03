package org.annoyspark.spark.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.annoyspark.spark.TestSpark;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.SimpleFunctionRegistry;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.junit.jupiter.api.Test;
import scala.Function1;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * {@code spark.sql.extensions=org.annoyspark.spark.sql.AnnoyExtensions}. A session of the tests
 * finds the class by the service loader, so here it is made as Spark makes one that is named.
 */
class AnnoyExtensionsTest {

  private static final String NAME = "org.annoyspark.spark.sql.AnnoyExtensions";

  @Test
  @SuppressWarnings("unchecked")
  void givesTheFunctionsAndTheRules() throws Exception {
    SparkSessionExtensions extensions = new SparkSessionExtensions();
    Object named = Class.forName(NAME).getConstructor().newInstance();
    ((Function1<SparkSessionExtensions, BoxedUnit>) named).apply(extensions);

    FunctionRegistry functions = extensions.registerFunctions(new SimpleFunctionRegistry());
    assertEquals(
        List.of("annoy_distance", "annoy_neighbors", "annoy_neighbors_by_id", "annoy_vector"),
        CollectionConverters.asJava(functions.listFunction()).stream()
            .map(FunctionIdentifier::funcName)
            .sorted()
            .toList());
    List<? extends Rule<?>> rules =
        CollectionConverters.asJava(extensions.buildPreCBORules(TestSpark.session()));
    assertEquals(AnnoyFunctions.RULES, rules);
  }
}
