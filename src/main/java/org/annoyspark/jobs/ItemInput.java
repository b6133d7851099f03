package org.annoyspark.jobs;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.annoyspark.spark.InvalidInputException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reading Parquet, with messages that say what is wrong with the path. */
final class ItemInput {

  private ItemInput() {}

  static Dataset<Row> read(SparkSession session, String uri) throws IOException {
    Path path = new Path(uri);
    boolean isPattern = uri.matches(".*[*?\\[{].*");
    if (!isPattern && !path.getFileSystem(session.sessionState().newHadoopConf()).exists(path)) {
      throw new FileNotFoundException(uri + ": no such file or directory");
    }
    try {
      return session.read().parquet(uri);
    } catch (Exception e) {
      // Scala does not declare it, so Java may not name it in a catch.
      if (e instanceof AnalysisException) {
        throw new InvalidInputException(uri + ": expected Parquet: " + firstLine(e));
      }
      throw e;
    }
  }

  private static String firstLine(Exception e) {
    return e.getMessage().lines().findFirst().orElse("");
  }
}
