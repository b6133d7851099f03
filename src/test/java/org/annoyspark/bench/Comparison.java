package org.annoyspark.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/**
 * One line of a benchmark: the same work done by both sides in turn.
 *
 * @param otherName what the line calls the other side
 * @param remark what else is to be said once both are through; asked last
 */
record Comparison(String name, Side ours, String otherName, Side other, Remark remark) {

  /** One side's work. */
  interface Side {
    /** Does it once; returns the seconds of one unit of it; both may do another number of units. */
    double secondsPerUnit() throws IOException;
  }

  /** What is not a time: whether the answers agree, and how good they are. */
  interface Remark {
    String text() throws IOException;
  }

  /**
   * Warms up, then times both sides in turn.
   *
   * @return the line: a ratio above 1 means that ours is faster
   */
  String run(int warmUpRounds, int rounds) throws IOException {
    double cold = ours.secondsPerUnit();
    other.secondsPerUnit();
    for (int round = 1; round < warmUpRounds; round++) {
      ours.secondsPerUnit();
    }
    double[] ourSeconds = new double[rounds];
    double[] otherSeconds = new double[rounds];
    double[] ratios = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      ourSeconds[round] = ours.secondsPerUnit();
      otherSeconds[round] = other.secondsPerUnit();
      ratios[round] = otherSeconds[round] / ourSeconds[round];
    }
    return String.format(
        Locale.ROOT,
        "%s ratio %.2f (min %.2f max %.2f): ours %s, %s %s, ours first %s%s",
        name,
        median(ratios),
        Arrays.stream(ratios).min().orElseThrow(),
        Arrays.stream(ratios).max().orElseThrow(),
        time(median(ourSeconds)),
        otherName,
        time(median(otherSeconds)),
        time(cold),
        remark.text());
  }

  private static String time(double seconds) {
    return seconds < 0.1
        ? String.format(Locale.ROOT, "%.1f us", seconds * 1e6)
        : String.format(Locale.ROOT, "%.2f s", seconds);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
