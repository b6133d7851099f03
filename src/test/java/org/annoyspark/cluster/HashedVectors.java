package org.annoyspark.cluster;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Vectors that Spark makes of a column {@code id} by itself. */
final class HashedVectors {

  private HashedVectors() {}

  /** One expression after the other: a lambda would be interpreted for each coordinate. */
  static String column(int dimension) {
    return IntStream.rangeClosed(1, dimension)
        .mapToObj(z -> "cast(xxhash64(id, " + z + ") / 9.3e18 as float)")
        .collect(Collectors.joining(", ", "array(", ")"));
  }
}
