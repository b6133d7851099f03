package org.annoyspark.format;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The two node layouts that Annoy has had for the {@code dot} metric; a file does not tell which.
 */
public enum DotLayout {
  /** Annoy 1.17.3 and before, as PyPI and R ship it: a header of 16 bytes. */
  RELEASED("1.17"),
  /** Annoy's main branch after 1.17.3: a header of 24 bytes. */
  MAIN("main");

  private final String label;

  DotLayout(String label) {
    this.label = label;
  }

  /** The name used in options and metadata: {@code 1.17} or {@code main}. */
  public String label() {
    return label;
  }

  /**
   * The layout of that name.
   *
   * @throws IllegalArgumentException for any other name
   */
  public static DotLayout ofLabel(String label) {
    return Arrays.stream(values())
        .filter(layout -> layout.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "dot layout: expected one of "
                        + Arrays.stream(values())
                            .map(DotLayout::label)
                            .collect(Collectors.joining(", "))
                        + ", found '"
                        + label
                        + "'"));
  }
}
