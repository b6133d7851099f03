package org.annoyspark.metric;

import java.io.Serializable;

/**
 * The length that {@code dot} brings items to by their dot factor; longer ones have a factor of 0
 * and count by their direction. Annoy takes the length of the longest item (here, 100 percent), and
 * then a few long items leave all others with hardly anything but their factor, so that trees
 * divide them by chance. Why this rule: docs/adr/0014-dot-norm-cap.md.
 *
 * @param percent of the items that are no longer than the cap, above 0 up to 100; or {@value #AUTO}
 *     for what suits the items' spread: {@value #MEDIANS} times the median length or, where all lie
 *     around one direction, the percentile {@value #AROUND_ONE_DIRECTION}
 */
public record DotNormCap(double percent) implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final String AUTO_WORD = "auto";
  private static final double AUTO = 0;
  private static final double MEDIANS = 1.25;

  /** The mean cosine of two items from which on the longest of them win in most queries. */
  private static final double ONE_DIRECTION_COSINE = 0.6;

  private static final double AROUND_ONE_DIRECTION = 99.5;

  /** What suits the items. */
  public static DotNormCap auto() {
    return new DotNormCap(AUTO);
  }

  /**
   * The length that this share of items does not exceed.
   *
   * @throws IllegalArgumentException if it is no percentage above 0
   */
  public static DotNormCap ofPercent(double percent) {
    if (!(percent > 0 && percent <= 100)) {
      throw unexpected(percent);
    }
    return new DotNormCap(percent);
  }

  /**
   * The cap that options name.
   *
   * @param text {@code auto} or a percentage
   * @throws IllegalArgumentException if it is neither
   */
  public static DotNormCap of(String text) {
    if (text.equals(AUTO_WORD)) {
      return auto();
    }
    try {
      return ofPercent(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      throw unexpected(text);
    }
  }

  private static IllegalArgumentException unexpected(Object found) {
    return new IllegalArgumentException(
        "dot norm cap: expected auto, or a percentage above 0 and up to 100, found " + found);
  }

  /** The square of that length. */
  public float squaredNorm(ItemSpread items) {
    NormCounts norms = items.norms();
    if (percent == 100) {
      return norms.largest();
    }
    if (percent != AUTO) {
      return norms.percentile(percent);
    }
    if (items.meanCosine() > ONE_DIRECTION_COSINE) {
      return norms.percentile(AROUND_ONE_DIRECTION);
    }
    double cap = MEDIANS * MEDIANS * norms.percentile(50);
    return cap < norms.largest() ? (float) cap : norms.largest();
  }

  /** As options have it: {@code auto} or the percentage. */
  @Override
  public String toString() {
    return percent == AUTO ? AUTO_WORD : Double.toString(percent).replaceFirst("\\.0$", "");
  }
}
