package org.annoyspark.spark.sql;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.metric.Metric;
import org.annoyspark.spark.ItemRows;
import org.annoyspark.storage.IndexAddress;
import org.apache.spark.unsafe.types.UTF8String;

/** Options of {@code format("annoy")}, in any case of letters, as everywhere in Spark. */
final class SourceOptions {

  static final String PATH = "path";
  static final String METRIC = "metric";
  static final String DIMENSION = "dimension";
  static final String NUM_TREES = "numTrees";
  static final String SEED = "seed";
  static final String DOT_LAYOUT = "dotLayout";
  static final String DOT_NORM_CAP = "dotNormCap";
  static final String ID_COL = "idCol";
  static final String FEATURES_COL = "featuresCol";

  /** To read and to write alike, for a table is read with the options that it was made with. */
  private static final List<String> KNOWN =
      List.of(
          PATH, METRIC, DIMENSION, NUM_TREES, SEED, DOT_LAYOUT, DOT_NORM_CAP, ID_COL, FEATURES_COL);

  /** What Spark makes of {@code partitionBy}. */
  private static final String PARTITION_BY = "__partition_columns";

  private final Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /**
   * @throws IllegalArgumentException if there is an unknown one, a value that is none of its
   *     option's, or no path
   */
  SourceOptions(Map<String, String> given) {
    if (given.containsKey(PARTITION_BY)) {
      throw new IllegalArgumentException(
          "partitionBy: expected no columns, for an index is one file, found "
              + given.get(PARTITION_BY));
    }
    for (String name : given.keySet()) {
      if (KNOWN.stream().noneMatch(name::equalsIgnoreCase)) {
        throw new IllegalArgumentException(
            "option '"
                + name
                + "': expected one of "
                + String.join(", ", KNOWN)
                + "; the nearest is "
                + nearest(name));
      }
    }
    values.putAll(given);
    if (!values.containsKey(PATH)) {
      throw new IllegalArgumentException("option 'path': expected the URI of an index, found none");
    }
    checkValues();
  }

  /** Those of no path but this one. */
  static SourceOptions ofPath(String path) {
    return new SourceOptions(Map.of(PATH, path));
  }

  private void checkValues() {
    get(METRIC).ifPresent(Metric::checkName);
    dimension();
    trees();
    number(SEED);
    dotLayout();
    dotNormCap();
  }

  private static String nearest(String name) {
    UTF8String wanted = UTF8String.fromString(name.toLowerCase(Locale.ROOT));
    return KNOWN.stream()
        .min(
            Comparator.comparingInt(
                option ->
                    UTF8String.fromString(option.toLowerCase(Locale.ROOT))
                        .levenshteinDistance(wanted)))
        .orElseThrow();
  }

  String path() {
    return values.get(PATH);
  }

  Optional<String> get(String name) {
    return Optional.ofNullable(values.get(name));
  }

  String idCol() {
    return get(ID_COL).orElse(ItemRows.ID_COLUMN);
  }

  String featuresCol() {
    return get(FEATURES_COL).orElse(ItemRows.FEATURES_COLUMN);
  }

  /**
   * @throws IllegalArgumentException if it is no whole number
   */
  Optional<Long> number(String name) {
    return get(name)
        .map(
            text -> {
              try {
                return Long.valueOf(text.trim());
              } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                    "option '" + name + "': expected a whole number, found '" + text + "'", e);
              }
            });
  }

  Optional<Integer> smallNumber(String name) {
    return number(name)
        .map(
            value -> {
              if (value != value.intValue()) {
                throw new IllegalArgumentException(
                    "option '" + name + "': expected an int, found " + value);
              }
              return value.intValue();
            });
  }

  Optional<DotLayout> dotLayout() {
    return get(DOT_LAYOUT).map(DotLayout::ofLabel);
  }

  /** A number of trees, or auto. */
  Optional<TreeCount> trees() {
    boolean isAuto = get(NUM_TREES).filter("auto"::equals).isPresent();
    return isAuto ? Optional.of(TreeCount.auto()) : smallNumber(NUM_TREES).map(TreeCount::of);
  }

  Optional<Integer> dimension() {
    return smallNumber(DIMENSION);
  }

  Optional<DotNormCap> dotNormCap() {
    return get(DOT_NORM_CAP).map(DotNormCap::of);
  }

  /** Metric and dimension; null if one is missing, as for an index directory, which tells both. */
  IndexAddress.BareFile bareFile() {
    return get(METRIC).isEmpty() || dimension().isEmpty()
        ? null
        : new IndexAddress.BareFile(
            get(METRIC).get(), dimension().get(), dotLayout().orElse(DotLayout.RELEASED));
  }

  /**
   * @throws IllegalArgumentException if an option is given and is not as the index has it
   */
  void checkAgrees(String option, String existing) {
    checkAgrees(option, existing, get(option));
  }

  /**
   * @throws IllegalArgumentException if another one is given
   */
  void checkDimension(int existing) {
    checkAgrees(DIMENSION, existing, dimension());
  }

  private static <T> void checkAgrees(String option, T existing, Optional<T> given) {
    if (given.isPresent() && !given.get().equals(existing)) {
      throw new IllegalArgumentException(
          String.format(
              "option '%s': expected %s, as the index has, found %s",
              option, existing, given.get()));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SourceOptions options && values.equals(options.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }
}
