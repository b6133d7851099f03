package org.annoyspark.spark.sql;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.ExperimentalMethods;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The SQL functions:
 *
 * <pre>
 * annoy_neighbors(index, vector, k [, search_k])    array&lt;struct&lt;id, distance float&gt;&gt;
 * annoy_neighbors_by_id(index, id, k [, search_k])  the same, of an item; it is among them
 * annoy_vector(index, id)                           array&lt;float&gt;
 * annoy_distance(index, id1, id2)                   float
 * </pre>
 *
 * <p>Index, k and search_k must be constants: a query is of one build of one index, which it
 * resolves when it is analysed; with {@code spark.annoy.sql.refresh}, a stream resolves it again
 * for each micro-batch. NULL and ids that the index does not have give NULL.
 */
public final class AnnoyFunctions {

  static final List<FunctionDefinition> ALL =
      List.of(
          new FunctionDefinition(
              "annoy_neighbors",
              List.of("index", "vector", "k", "search_k"),
              3,
              "the items nearest to a vector, nearest first",
              NeighborsFunction::ofVector),
          new FunctionDefinition(
              "annoy_neighbors_by_id",
              List.of("index", "id", "k", "search_k"),
              3,
              "the items nearest to an item, nearest first, itself included",
              NeighborsFunction::ofItem),
          new FunctionDefinition(
              "annoy_vector",
              List.of("index", "id"),
              2,
              "the vector of an item",
              ItemVectorFunction::new),
          new FunctionDefinition(
              "annoy_distance",
              List.of("index", "id1", "id2"),
              3,
              "the distance between two items; for dot, their inner product",
              DistanceFunction::new));

  /** In this order: what is answered together is of the build that was chosen. */
  static final List<Rule<LogicalPlan>> RULES = List.of(new StreamRefresh(), new BatchedLookups());

  private AnnoyFunctions() {}

  /** Gives the functions to a session that was started without {@link AnnoyExtensions}. */
  public static void register(SparkSession session) {
    ALL.forEach(function -> function.addTo(session.sessionState().functionRegistry()));
    ExperimentalMethods methods = session.sessionState().experimentalMethods();
    List<Rule<LogicalPlan>> rules =
        new ArrayList<>(CollectionConverters.asJava(methods.extraOptimizations()));
    if (!rules.containsAll(RULES)) {
      rules.addAll(RULES);
      methods.extraOptimizations_$eq(CollectionConverters.asScala(rules).toSeq());
    }
  }
}
