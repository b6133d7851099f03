package org.annoyspark.spark;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A few query vectors on the driver, to try an index with. */
public final class QuerySample {

  private QuerySample() {}

  /**
   * The first vectors of an input, checked like a join's queries.
   *
   * @param most how many at most
   * @throws InvalidInputException if they cannot be asked of an index of that dimension
   */
  public static float[][] read(
      Dataset<Row> queries, String featuresColumn, int dimension, int most) {
    VectorColumn vectors = VectorColumn.of(queries.schema(), featuresColumn);
    InputSummary summary = InputCheck.checkQueries(InputRows.of(queries, vectors, null), dimension);
    if (summary.rows() == 0) {
      throw new InvalidInputException("queries: expected at least one row, found none");
    }
    List<Row> rows = queries.limit(most).collectAsList();
    return rows.stream().map(vectors::read).toArray(float[][]::new);
  }
}
