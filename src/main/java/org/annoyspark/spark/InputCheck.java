package org.annoyspark.spark;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Looks at the whole input before anything is written. */
final class InputCheck {

  private static final int MOST_DUPLICATES = 3;

  private InputCheck() {}

  /**
   * Checks items to build from.
   *
   * @return what was found out on the way
   * @throws InvalidInputException naming every kind of fault, with example ids
   */
  static InputSummary checkItems(Dataset<Row> items, VectorColumn vectors, IdColumn ids) {
    InputSummary summary = summarize(items.javaRDD(), vectors, ids);
    if (summary.rows() == 0) {
      throw new InvalidInputException("input: expected at least one row, found none");
    }
    List<String> faults = new ArrayList<>(summary.faults(0));
    faults.addAll(duplicateFaults(items, ids));
    throwIfAny(faults);
    return summary;
  }

  /**
   * Checks queries.
   *
   * @param ids null if no ids are needed
   * @throws InvalidInputException naming every kind of fault, with example ids if there are any
   */
  static InputSummary checkQueries(
      Dataset<Row> queries, VectorColumn vectors, IdColumn ids, int dimension) {
    InputSummary summary = summarize(queries.javaRDD(), vectors, ids);
    throwIfAny(summary.faults(dimension));
    return summary;
  }

  private static void throwIfAny(List<String> faults) {
    if (!faults.isEmpty()) {
      throw new InvalidInputException(String.join("\n  ", faults));
    }
  }

  private static InputSummary summarize(JavaRDD<Row> rows, VectorColumn vectors, IdColumn ids) {
    String idName = ids == null ? null : ids.name();
    return rows.treeAggregate(
        new InputSummary(vectors.name, idName),
        (summary, row) -> summary.add(row, vectors, ids),
        InputSummary::add);
  }

  private static List<String> duplicateFaults(Dataset<Row> items, IdColumn ids) {
    Dataset<Row> duplicates =
        items
            .select(Columns.column(items, ids.name()).as("id"))
            .filter("id is not null")
            .groupBy("id")
            .count()
            .filter("count > 1");
    Examples examples = new Examples();
    for (Row row : duplicates.orderBy("id").limit(MOST_DUPLICATES).collectAsList()) {
      examples.add(row.get(0));
    }
    if (examples.count() == 0) {
      return List.of();
    }
    long count = duplicates.agg(functions.count("*")).first().getLong(0);
    Examples all = new Examples(count, examples);
    return List.of(
        "column '"
            + ids.name()
            + "': expected every id once, found "
            + count
            + (count == 1 ? " id" : " ids")
            + " more than once"
            + all.inWords());
  }
}
