package org.annoyspark.spark.ml;

import java.io.Serializable;
import scala.Function1;

/**
 * Validators of params that say what was expected, where Spark's own only say that a value is
 * invalid.
 */
final class Checks {

  private Checks() {}

  /** Throws an IllegalArgumentException for a value that does not do. */
  interface Check<T> extends Serializable {
    void accept(T value);
  }

  @SuppressWarnings("unchecked")
  static <T, V> Function1<V, Object> of(Check<T> check) {
    return (Function1<V, Object> & Serializable)
        value -> {
          check.accept((T) value);
          return true;
        };
  }

  /** For names of columns and places. */
  static Function1<String, Object> notEmpty(String param) {
    return of(
        (String value) -> {
          if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(
                param + ": expected a name, found " + (value == null ? "null" : "''"));
          }
        });
  }
}
