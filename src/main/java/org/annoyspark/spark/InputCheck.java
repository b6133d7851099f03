package org.annoyspark.spark;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Looks at the whole input before anything is written. */
final class InputCheck {

  private InputCheck() {}

  /**
   * Checks items to build from.
   *
   * @param sorted their ids
   * @param dimension what vectors must have, or 0 for what most have
   * @return what was found out on the way
   * @throws InvalidInputException naming every kind of fault, with example ids
   */
  static InputSummary checkItems(InputRows items, SortedIds sorted, int dimension) {
    InputSummary summary = summarize(items);
    if (summary.rows() == 0) {
      throw new InvalidInputException("input: expected at least one row, found none");
    }
    List<String> faults = new ArrayList<>(summary.faults(dimension));
    if (summary.mayHaveOtherBytes()) {
      faults.addAll(encodingFaults(items.rows(), items.ids()));
    }
    faults.addAll(repetitionFaults(sorted.repeated(), items.ids()));
    throwIfAny(faults);
    if (sorted.rows() != summary.rows() || sorted.hash() != summary.idHash()) {
      throw otherIds();
    }
    return summary;
  }

  /** What is said of an input that cannot be read twice. */
  static InvalidInputException otherIds() {
    return new InvalidInputException(
        "input: expected the same ids each time that it is read, found others: either it is being"
            + " written to, or it is computed and comes out differently each time; write it to a"
            + " place of its own first");
  }

  /**
   * Checks queries.
   *
   * @throws InvalidInputException naming every kind of fault, with example ids if there are any
   */
  static InputSummary checkQueries(InputRows queries, int dimension) {
    InputSummary summary = summarize(queries);
    throwIfAny(summary.faults(dimension));
    return summary;
  }

  private static void throwIfAny(List<String> faults) {
    if (!faults.isEmpty()) {
      throw new InvalidInputException(String.join("\n  ", faults));
    }
  }

  private static InputSummary summarize(InputRows input) {
    VectorColumn vectors = input.vectors();
    IdColumn ids = input.ids();
    return input
        .internal()
        .treeAggregate(
            new InputSummary(vectors.name, ids == null ? null : ids.name()),
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

  private static List<String> repetitionFaults(Examples repeated, IdColumn ids) {
    if (repeated.count() == 0) {
      return List.of();
    }
    return List.of(
        "column '"
            + ids.name()
            + "': expected every id once, found "
            + repeated.count()
            + (repeated.count() == 1 ? " id" : " ids")
            + " more than once"
            + repeated.inWords());
  }
}
