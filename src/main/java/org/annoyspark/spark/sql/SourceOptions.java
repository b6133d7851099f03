package org.annoyspark.spark.sql;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.annoyspark.format.DotLayout;
import org.annoyspark.index.TreeCount;
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

  private static final List<String> TO_READ = List.of(PATH, METRIC, DIMENSION, DOT_LAYOUT);
  private static final List<String> TO_WRITE =
      List.of(PATH, METRIC, NUM_TREES, SEED, DOT_LAYOUT, DOT_NORM_CAP, ID_COL, FEATURES_COL);

  /** What Spark makes of {@code partitionBy}. */
  private static final String PARTITION_BY = "__partition_columns";

  private final Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  private SourceOptions(Map<String, String> given, List<String> known) {
    if (given.containsKey(PARTITION_BY)) {
      throw new IllegalArgumentException(
          "partitionBy: expected no columns, for an index is one file, found "
              + given.get(PARTITION_BY));
    }
    for (String name : given.keySet()) {
      if (known.stream().noneMatch(name::equalsIgnoreCase)) {
        throw new IllegalArgumentException(
            "option '"
                + name
                + "': expected one of "
                + String.join(", ", known)
                + "; the nearest is "
                + nearest(name, known));
      }
    }
    values.putAll(given);
    if (!values.containsKey(PATH)) {
      throw new IllegalArgumentException("option 'path': expected the URI of an index, found none");
    }
  }

  private static String nearest(String name, List<String> known) {
    UTF8String wanted = UTF8String.fromString(name.toLowerCase(Locale.ROOT));
    return known.stream()
        .min(
            Comparator.comparingInt(
                option ->
                    UTF8String.fromString(option.toLowerCase(Locale.ROOT))
                        .levenshteinDistance(wanted)))
        .orElseThrow();
  }

  /**
   * May have those to write, too: a table has the ones that it was made with.
   *
   * @throws IllegalArgumentException if there is an unknown one, or no path
   */
  static SourceOptions toRead(Map<String, String> given) {
    Set<String> known = new LinkedHashSet<>(TO_READ);
    known.addAll(TO_WRITE);
    return new SourceOptions(given, List.copyOf(known));
  }

  /**
   * @throws IllegalArgumentException if there is an unknown one, or no path
   */
  static SourceOptions toWrite(Map<String, String> given) {
    return new SourceOptions(given, TO_WRITE);
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

  /** Metric and dimension, or null if no dimension was given. */
  IndexAddress.BareFile bareFile() {
    Optional<String> metric = get(METRIC).map(Metric::checkName);
    Optional<Integer> dimension = smallNumber(DIMENSION);
    DotLayout layout = dotLayout().orElse(DotLayout.RELEASED);
    if (dimension.isEmpty()) {
      // A table has the metric that it was made with.
      return null;
    }
    if (metric.isEmpty()) {
      throw new IllegalArgumentException(
          "options 'metric' and 'dimension' go together: a bare file needs both");
    }
    return new IndexAddress.BareFile(metric.get(), dimension.get(), layout);
  }
}
