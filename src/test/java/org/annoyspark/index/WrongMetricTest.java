package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.DotLayout;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of the original, opened as what they are not. */
class WrongMetricTest {

  /** Only what the bytes do not show, see {@link #looksTheSame}. */
  @ParameterizedTest
  @MethodSource("cases")
  void anotherMetricOrDimensionIsRefused(GoldenCase golden) throws IOException {
    long length = Files.size(golden.file());
    for (String name : Metric.NAMES) {
      for (DotLayout layout : DotLayout.values()) {
        for (int dimension = 1; dimension <= 200; dimension++) {
          Metric other = Metric.of(name, dimension, layout);
          if (length % other.layout().nodeBytes() == 0
              && !looksTheSame(golden.metric(), other)
              && isTaken(golden, other)) {
            fail(golden + ": " + golden.metric() + " taken for " + other);
          }
        }
      }
    }
  }

  /** Those with splits and something in them; a few buckets of ids could be anything's. */
  static List<GoldenCase> cases() throws IOException {
    return GoldenCase.all().stream()
        .filter(golden -> golden.expected().get("n_items").asInt() >= 100)
        .filter(golden -> !golden.name().endsWith("allzero"))
        .toList();
  }

  /**
   * Euclidean and manhattan files differ in nothing. Hamming's spare bits are zero in either
   * dimension, and few bits make small floats. A header of dot's main layout can be two coordinates
   * of the released one; the reverse is told by the built flag.
   */
  private static boolean looksTheSame(Metric metric, Metric other) {
    boolean sameName = metric.name().equals(other.name());
    return switch (other.name()) {
      case "euclidean", "manhattan" -> metric.layout().equals(other.layout());
      case "hamming" -> sameName && metric.layout().equals(other.layout());
      case "dot" ->
          (sameName ? metric.dimension() <= other.dimension() : metric.name().equals("hamming"))
              && metric.layout().nodeBytes() == other.layout().nodeBytes();
      default -> metric.toString().equals(other.toString());
    };
  }

  private static boolean isTaken(GoldenCase golden, Metric other) throws IOException {
    try {
      AnnoyIndex.open(golden.file(), other);
      return true;
    } catch (CorruptIndexException e) {
      String message = e.getMessage();
      assertTrue(message.startsWith(golden.file() + ": "), message);
      // The file's name has a metric in it, too.
      String told = message.substring(golden.file().toString().length());
      assertTrue(told.contains("the metric or the dimension is another"), message);
      assertTrue(told.contains(other.name()), message);
      assertTrue(told.contains("dimension " + other.dimension()), message);
      return false;
    }
  }
}
