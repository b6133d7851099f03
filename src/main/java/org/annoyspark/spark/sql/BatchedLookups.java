package org.annoyspark.spark.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.spark.sql.ExperimentalMethods;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.ApplyFunctionExpression;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.ConditionalExpression;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.types.Metadata;
import scala.Option;
import scala.PartialFunction;
import scala.collection.immutable.Nil$;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractPartialFunction;

/**
 * Has {@code annoy_neighbors} answer many rows together, which is faster: docs/adr/0023. It does so
 * where a query selects, explodes or aggregates it for every row; not behind a condition, which may
 * be there to keep rows away from it, and not in streams, whose rows must not wait for others.
 */
final class BatchedLookups extends Rule<LogicalPlan> {

  /** The same for a session that was started without {@link AnnoyExtensions}. */
  static void addTo(SparkSession session) {
    ExperimentalMethods methods = session.sessionState().experimentalMethods();
    List<Rule<LogicalPlan>> rules =
        new ArrayList<>(CollectionConverters.asJava(methods.extraOptimizations()));
    if (rules.stream().noneMatch(BatchedLookups.class::isInstance)) {
      rules.add(new BatchedLookups());
      methods.extraOptimizations_$eq(toSeq(rules));
    }
  }

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    return plan.isStreaming() ? plan : plan.transformUp(eachOf(BatchedLookups::batched));
  }

  private static LogicalPlan batched(LogicalPlan plan) {
    boolean isPossible =
        plan instanceof Project || plan instanceof Aggregate || plan instanceof Generate;
    return isPossible
        ? call(CollectionConverters.asJava(plan.expressions()))
            // Another call is left to the next round.
            .map(call -> batched(batched(plan, call)))
            .orElse(plan)
        : plan;
  }

  /** The first call that every row makes. */
  private static Optional<ApplyFunctionExpression> call(List<Expression> expressions) {
    return expressions.stream().flatMap(expression -> call(expression).stream()).findFirst();
  }

  private static Optional<ApplyFunctionExpression> call(Expression expression) {
    if (expression instanceof ApplyFunctionExpression call
        && call.function() instanceof NeighborsFunction.OfVector) {
      return call.deterministic() ? Optional.of(call) : Optional.empty();
    }
    boolean isConditional =
        expression instanceof ConditionalExpression
            || expression instanceof And
            || expression instanceof Or
            || expression instanceof LambdaFunction
            || expression instanceof AggregateExpression aggregate
                && aggregate.filter().isDefined();
    return isConditional
        ? Optional.empty()
        : call(CollectionConverters.asJava(expression.children()));
  }

  /** The plan, but with a column for each such call. */
  private static LogicalPlan batched(LogicalPlan plan, ApplyFunctionExpression call) {
    Attribute neighbors =
        new AttributeReference(
            "neighbors",
            call.dataType(),
            call.nullable(),
            Metadata.empty(),
            NamedExpression.newExprId(),
            none());
    LogicalPlan replaced =
        (LogicalPlan)
            plan.transformExpressions(
                eachOf(part -> part.semanticEquals(call) ? (Expression) neighbors : part));
    Set<ExprId> used = idsOf(CollectionConverters.asJava(replaced.references().toSeq()));
    LogicalPlan child = plan.children().head();
    if (replaced instanceof Generate generate) {
      Set<ExprId> kept = idsOf(CollectionConverters.asJava(generate.requiredChildOutput()));
      used.addAll(kept);
      return withChild(generate, kept, withNeighbors(child, used, call, neighbors));
    }
    return replaced.withNewChildren(toSeq(List.of(withNeighbors(child, used, call, neighbors))));
  }

  /**
   * @param kept which of the child's columns the plan has among its own
   */
  private static LogicalPlan withChild(Generate generate, Set<ExprId> kept, LogicalPlan child) {
    List<Object> unrequired = new ArrayList<>();
    for (int column = 0; column < child.output().size(); column++) {
      if (!kept.contains(child.output().apply(column).exprId())) {
        unrequired.add(column);
      }
    }
    return new Generate(
        generate.generator(),
        toSeq(unrequired),
        generate.outer(),
        generate.qualifier(),
        generate.generatorOutput(),
        child);
  }

  /**
   * A plan of {@code neighbors} and columns of another.
   *
   * @param used the columns that are wanted; may have others, too
   */
  private static LogicalPlan withNeighbors(
      LogicalPlan child, Set<ExprId> used, ApplyFunctionExpression call, Attribute neighbors) {
    Expression vector = call.children().apply(NeighborsFunction.TARGET);
    Set<ExprId> inVector = idsOf(CollectionConverters.asJava(vector.references().toSeq()));
    List<NamedExpression> needed = new ArrayList<>();
    List<Object> unrequired = new ArrayList<>();
    List<Expression> columns = new ArrayList<>();
    List<Attribute> generated = new ArrayList<>(List.of(neighbors));
    List<NamedExpression> kept = new ArrayList<>(List.of(neighbors));
    for (Attribute column : CollectionConverters.asJava(child.output())) {
      boolean isUsed = used.contains(column.exprId());
      if (isUsed) {
        // A generator's columns are new ones, but the plan above knows the old.
        Attribute copy = column.newInstance();
        columns.add(column);
        generated.add(copy);
        kept.add(
            new Alias(
                copy, column.name(), column.exprId(), column.qualifier(), Option.empty(), none()));
      }
      if (isUsed || inVector.contains(column.exprId())) {
        unrequired.add(needed.size());
        needed.add(column);
      }
    }
    var generator =
        new NeighborsGenerator(
            (NeighborsFunction.OfVector) call.function(), vector, toSeq(columns));
    return new Project(
        toSeq(kept),
        new Generate(
            generator,
            toSeq(unrequired),
            false,
            Option.empty(),
            toSeq(generated),
            new Project(toSeq(needed), child)));
  }

  private static Set<ExprId> idsOf(List<Attribute> columns) {
    return columns.stream().map(Attribute::exprId).collect(Collectors.toSet());
  }

  private static <T> Seq<T> toSeq(List<T> list) {
    return CollectionConverters.asScala(list).toSeq();
  }

  @SuppressWarnings("unchecked")
  private static <T> Seq<T> none() {
    return (Seq<T>) Nil$.MODULE$;
  }

  /** A function, as Spark wants it for its trees. */
  private static <T> PartialFunction<T, T> eachOf(UnaryOperator<T> function) {
    return new AbstractPartialFunction<>() {
      @Override
      public boolean isDefinedAt(T node) {
        return true;
      }

      @Override
      public T apply(T node) {
        return function.apply(node);
      }
    };
  }
}
