package org.annoyspark.spark.sql;

import static org.annoyspark.spark.sql.TreeFunction.eachOf;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.ApplyFunctionExpression;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.InputFileBlockLength;
import org.apache.spark.sql.catalyst.expressions.InputFileBlockStart;
import org.apache.spark.sql.catalyst.expressions.InputFileName;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.TryEval;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.streaming.continuous.WriteToContinuousDataSource;
import org.apache.spark.sql.types.Metadata;
import scala.Option;
import scala.collection.immutable.Nil$;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * Has {@code annoy_neighbors} and {@code annoy_neighbors_by_id} answer many rows together, which is
 * faster: docs/adr/0023. It does so where a query selects, explodes or aggregates a call for every
 * row; not behind a condition, which may be there to keep rows away from it, and not in a stream
 * that is continuous or in real time, whose partitions have no end that rows could wait for.
 */
final class BatchedLookups extends Rule<LogicalPlan> {

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    boolean isPossible = !isEndless(plan) && !asksForInputFile(plan);
    return isPossible ? plan.transformUp(eachOf(BatchedLookups::batched)) : plan;
  }

  private static boolean isEndless(LogicalPlan plan) {
    return plan.exists(
        node ->
            node instanceof WriteToContinuousDataSource
                || isDefined(node, "startOffset") && !isDefined(node, "endOffset"));
  }

  /** By name, for what scans a stream is another class on 3.5 than on 4.0. */
  private static boolean isDefined(LogicalPlan node, String option) {
    int element = CollectionConverters.asJava(node.productElementNames().toList()).indexOf(option);
    return element >= 0
        && node.productElement(element) instanceof Option<?> value
        && value.isDefined();
  }

  /** What Spark keeps aside while it reads a row is another file's when the row is handed out. */
  private static boolean asksForInputFile(LogicalPlan plan) {
    return plan.exists(
        node -> node.expressions().exists(root -> root.exists(BatchedLookups::isOfInputFile)));
  }

  private static boolean isOfInputFile(Expression expression) {
    return expression instanceof InputFileName
        || expression instanceof InputFileBlockStart
        || expression instanceof InputFileBlockLength;
  }

  private static LogicalPlan batched(LogicalPlan plan) {
    // Another call is left to the next round.
    return call(plan).map(call -> batched(batched(plan, call))).orElse(plan);
  }

  /** The first call that a plan makes for every row. */
  private static Optional<ApplyFunctionExpression> call(LogicalPlan plan) {
    if (plan instanceof Aggregate aggregate) {
      return callInAggregateFunction(expressions(aggregate.aggregateExpressions()));
    }
    boolean isPossible =
        (plan instanceof Project || plan instanceof Generate) && !isSorted(plan.children().head());
    return isPossible
        ? firstCall(CollectionConverters.asJava(plan.expressions()))
        : Optional.empty();
  }

  /** Spark makes use of an order, as for a limit, and does not know that a generator keeps it. */
  private static boolean isSorted(LogicalPlan plan) {
    return plan instanceof Sort
        || (plan instanceof Project || plan instanceof Filter) && isSorted(plan.children().head());
  }

  private static Optional<ApplyFunctionExpression> firstCall(List<Expression> expressions) {
    return expressions.stream().flatMap(expression -> call(expression).stream()).findFirst();
  }

  /** A call that is sure to be made where the expression is evaluated. */
  private static Optional<ApplyFunctionExpression> call(Expression expression) {
    if (expression instanceof ApplyFunctionExpression call
        && call.function() instanceof NeighborsFunction) {
      return call.deterministic() ? Optional.of(call) : Optional.empty();
    }
    List<Expression> children = CollectionConverters.asJava(expression.children());
    if (expression instanceof CreateNamedStruct) {
      return firstCall(children);
    }
    // Whether others are evaluated may depend on the first. What may fail stays where it is.
    boolean isSure = !children.isEmpty() && !(expression instanceof TryEval);
    return isSure ? call(children.get(0)) : Optional.empty();
  }

  /** After grouping there are other rows: only arguments of aggregate functions are of each row. */
  private static Optional<ApplyFunctionExpression> callInAggregateFunction(
      List<Expression> results) {
    List<Expression> functions = new ArrayList<>();
    for (Expression result : results) {
      result.foreach(
          part -> {
            if (part instanceof AggregateExpression aggregate && aggregate.filter().isEmpty()) {
              functions.add(expression(aggregate.aggregateFunction()));
            }
            return BoxedUnit.UNIT;
          });
    }
    return firstCall(functions)
        .filter(call -> results.stream().noneMatch(result -> isOutsideFunctions(call, result)));
  }

  private static boolean isOutsideFunctions(ApplyFunctionExpression call, Expression expression) {
    boolean isFunction =
        expression instanceof AggregateExpression aggregate && aggregate.filter().isEmpty();
    return !isFunction
        && (expression.semanticEquals(call)
            || expression.children().exists(child -> isOutsideFunctions(call, child)));
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
      return withChild(generate, kept, below(child, used, call, neighbors));
    }
    return replaced.withNewChildren(toSeq(List.of(below(child, used, call, neighbors))));
  }

  /**
   * The child with a column for the call. Where a condition asks for the same neighbours, as
   * Spark's own does below an {@code explode}, they are looked up below it, once; what else it asks
   * for comes first.
   */
  private static LogicalPlan below(
      LogicalPlan child, Set<ExprId> used, ApplyFunctionExpression call, Attribute neighbors) {
    if (!(child instanceof Filter filter) || !filter.condition().deterministic()) {
      return withNeighbors(child, used, call, neighbors);
    }
    Map<Boolean, List<Expression>> conditions =
        conditions(filter.condition())
            .collect(Collectors.partitioningBy(condition -> mentions(condition, call)));
    List<Expression> ofCall = conditions.get(true);
    boolean isSure =
        ofCall.stream().allMatch(it -> call(it).filter(call::semanticEquals).isPresent());
    if (ofCall.isEmpty() || !isSure) {
      return withNeighbors(child, used, call, neighbors);
    }
    Expression condition = replace(all(ofCall), call, neighbors);
    Set<ExprId> needed = new HashSet<>(used);
    needed.addAll(idsOf(CollectionConverters.asJava(condition.references().toSeq())));
    List<Expression> others = conditions.get(false);
    LogicalPlan rows = others.isEmpty() ? filter.child() : new Filter(all(others), filter.child());
    return new Filter(condition, withNeighbors(rows, needed, call, neighbors));
  }

  private static Stream<Expression> conditions(Expression condition) {
    return condition instanceof And and
        ? Stream.concat(conditions(and.left()), conditions(and.right()))
        : Stream.of(condition);
  }

  private static Expression all(List<Expression> conditions) {
    return conditions.stream().reduce(And::new).orElseThrow();
  }

  private static boolean mentions(Expression expression, ApplyFunctionExpression call) {
    return expression.exists(call::semanticEquals);
  }

  private static Expression replace(
      Expression expression, ApplyFunctionExpression call, Attribute neighbors) {
    return (Expression)
        expression.transform(
            eachOf(part -> part.semanticEquals(call) ? (Expression) neighbors : part));
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
    Expression target = call.children().apply(NeighborsFunction.TARGET);
    Set<ExprId> inTarget = idsOf(CollectionConverters.asJava(target.references().toSeq()));
    List<NamedExpression> needed = new ArrayList<>();
    List<Object> unrequired = new ArrayList<>();
    List<Expression> inputs = new ArrayList<>(List.of(target));
    List<Attribute> generated = new ArrayList<>(List.of(neighbors));
    List<NamedExpression> kept = new ArrayList<>(List.of(neighbors));
    for (Attribute column : CollectionConverters.asJava(child.output())) {
      boolean isUsed = used.contains(column.exprId());
      if (isUsed) {
        // A generator's columns are new ones, but the plan above knows the old.
        Attribute copy = column.newInstance();
        inputs.add(column);
        generated.add(copy);
        kept.add(
            new Alias(
                copy, column.name(), column.exprId(), column.qualifier(), Option.empty(), none()));
      }
      if (isUsed || inTarget.contains(column.exprId())) {
        unrequired.add(needed.size());
        needed.add(column);
      }
    }
    var generator = new NeighborsGenerator((NeighborsFunction) call.function(), toSeq(inputs));
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
    return columns.stream().map(Attribute::exprId).collect(Collectors.toCollection(HashSet::new));
  }

  private static List<Expression> expressions(Seq<NamedExpression> list) {
    return CollectionConverters.asJava(list).stream().map(BatchedLookups::expression).toList();
  }

  /** Scala's traits of expressions are expressions, which Java does not see. */
  private static Expression expression(Object trait) {
    return (Expression) trait;
  }

  private static <T> Seq<T> toSeq(List<T> list) {
    return CollectionConverters.asScala(list).toSeq();
  }

  @SuppressWarnings("unchecked")
  static <T> Seq<T> none() {
    return (Seq<T>) Nil$.MODULE$;
  }
}
