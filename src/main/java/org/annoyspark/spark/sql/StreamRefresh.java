package org.annoyspark.spark.sql;

import static org.annoyspark.spark.sql.TreeFunction.eachOf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.annoyspark.spark.BuildInForce;
import org.annoyspark.storage.AnnoyConf;
import org.annoyspark.storage.IndexAddress;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.ApplyFunctionExpression;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;

/**
 * With {@link AnnoyConf#SQL_REFRESH}, has the functions of a stream ask the builds that are in
 * force when a micro-batch is planned: Spark optimizes the stream's analysed query anew for each.
 * All calls of an index that are left in the plan by then are of one build: docs/adr/0021.
 */
final class StreamRefresh extends Rule<LogicalPlan> {

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    if (!plan.isStreaming() || !asksAnIndex(plan)) {
      return plan;
    }
    Configuration conf = SparkSession.active().sessionState().newHadoopConf();
    return new AnnoyConf(conf).sqlRefresh() ? new Batch(conf).refreshed(plan) : plan;
  }

  private static boolean asksAnIndex(LogicalPlan plan) {
    boolean[] found = {false};
    plan.transformAllExpressionsWithSubqueries(
        eachOf(
            part -> {
              found[0] |= function(part) != null;
              return part;
            }));
    return found[0];
  }

  /** What an expression asks, unless that was chosen for this batch already; or null. */
  private static IndexFunction<?> function(Expression expression) {
    Object asked = null;
    if (expression instanceof ApplyFunctionExpression call) {
      asked = call.function();
    } else if (expression instanceof NeighborsGenerator generator) {
      // Of a subquery, which has been optimized before.
      asked = generator.function();
    }
    return asked instanceof IndexFunction<?> function && !function.isRefreshed() ? function : null;
  }

  /** A micro-batch that is being planned. */
  private static final class Batch {

    private final Configuration conf;

    /** By directory. */
    private final Map<String, IndexAddress> inForce = new HashMap<>();

    Batch(Configuration conf) {
      this.conf = conf;
    }

    LogicalPlan refreshed(LogicalPlan plan) {
      return (LogicalPlan) plan.transformAllExpressionsWithSubqueries(eachOf(this::refreshed));
    }

    private Expression refreshed(Expression expression) {
      IndexFunction<?> function = function(expression);
      if (function == null) {
        return expression;
      }
      return expression instanceof NeighborsGenerator generator
          ? generator.with((NeighborsFunction) refreshed(function))
          : new ApplyFunctionExpression(refreshed(function), expression.children());
    }

    private IndexFunction<?> refreshed(IndexFunction<?> function) {
      IndexAddress analysed = function.index();
      IndexAddress found = inForce.computeIfAbsent(analysed.directory(), this::resolve);
      BuildInForce.checkIsLike(analysed, found);
      return function.refreshed(found);
    }

    private IndexAddress resolve(String directory) {
      try {
        return IndexAddress.resolve(directory, null, conf);
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
    }
  }
}
