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
    if (summary.mayHaveOtherBytes()) {
      faults.addAll(encodingFaults(items, ids));
    }
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

  /**
   * Spark lets any bytes pass as a string and tells them apart, but ids are written as Java's
   * strings, where all that is no UTF-8 becomes the same.
   */
  private static List<String> encodingFaults(Dataset<Row> items, IdColumn ids) {
    Examples examples =
        items
            .select(Columns.column(items, ids.name()).cast("binary"))
            .javaRDD()
            .treeAggregate(new Examples(), InputCheck::addOtherBytes, InputCheck::sum);
    if (examples.count() == 0) {
      return List.of();
    }
    return List.of(
        "column '"
            + ids.name()
            + "': expected ids in UTF-8, found "
            + examples.count()
            + " with other bytes"
            + examples.inWords());
  }

  private static Examples addOtherBytes(Examples examples, Row row) {
    if (!row.isNullAt(0)) {
      Utf8.escapeOtherBytes((byte[]) row.get(0)).ifPresent(examples::add);
    }
    return examples;
  }

  private static Examples sum(Examples examples, Examples others) {
    examples.add(others);
    return examples;
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
