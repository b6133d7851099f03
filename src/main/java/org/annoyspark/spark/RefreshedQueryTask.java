package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/**
 * Joins queries with the build that they bring along: see {@link BuildInForce}.
 *
 * @param task of the build that was in force when the join was made
 */
record RefreshedQueryTask(QueryTask task) implements MapPartitionsFunction<Row, Row>, Serializable {

  @Override
  public Iterator<Row> call(Iterator<Row> queries) throws IOException {
    if (!queries.hasNext()) {
      return Collections.emptyIterator();
    }
    Row first = queries.next();
    Stream<Row> others =
        StreamSupport.stream(Spliterators.spliteratorUnknownSize(queries, 0), false);
    return task.of(BuildInForce.of(first)).call(Stream.concat(Stream.of(first), others).iterator());
  }
}
