package org.annoyspark.jobs;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.annoyspark.spark.InvalidInputException;
import org.annoyspark.storage.UnreachableException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkException;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reading Parquet, with messages that say what is wrong with the path. */
final class ItemInput {

  private ItemInput() {}

  static Dataset<Row> read(SparkSession session, String uri) throws IOException {
    boolean isPattern = uri.matches(".*[*?\\[{].*");
    Configuration conf = session.sessionState().newHadoopConf();
    boolean exists =
        UnreachableException.naming("input", uri, () -> isPattern || exists(new Path(uri), conf));
    if (!exists) {
      throw new FileNotFoundException(uri + ": no such file or directory");
    }
    try {
      return session.read().parquet(uri);
    } catch (Exception e) {
      // Scala does not declare them, so Java may not name them in a catch.
      if (e instanceof AnalysisException || e instanceof SparkException) {
        throw new InvalidInputException(uri + ": expected Parquet: " + firstLine(rootCause(e)));
      }
      throw e;
    }
  }

  private static boolean exists(Path path, Configuration conf) throws IOException {
    return path.getFileSystem(conf).exists(path);
  }

  private static Throwable rootCause(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
