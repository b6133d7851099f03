package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of docs/annoy-format.md, in numbers. */
class NodeLayoutTest {

  private static final int MOST = NodeLayout.MAX_DIMENSION;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 40, 100, 300, MOST})
  void floatLayouts(int f) {
    assertLayout(4, 12, 12 + 4 * f, f + 2, NodeLayout.angular(f));
    assertLayout(8, 16, 16 + 4 * f, f + 2, NodeLayout.plane(f));
    assertLayout(4, 16, 16 + 4 * f, f + 3, NodeLayout.dot(f, DotLayout.RELEASED));
    assertLayout(4, 24, 24 + 4 * f, f + 5, NodeLayout.dot(f, DotLayout.MAIN));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 100, 128, 129, MOST})
  void hammingLayout(int bits) {
    int words = bits % 64 == 0 ? bits / 64 : bits / 64 + 1;
    assertEquals(words, NodeLayout.words(bits));
    assertLayout(4, 16, 16 + 8 * words, 2 * words + 3, NodeLayout.hamming(bits));
  }

  private static void assertLayout(int children, int vector, int size, int k, NodeLayout found) {
    assertEquals(new NodeLayout(children, vector, size), found);
    assertEquals(k, found.bucketCapacity());
    assertEquals(children, found.childOffsetBytes(0));
    assertEquals(children + 4, found.childOffsetBytes(1));
    assertEquals(size * 3_000_000_000L, found.byteOffset(3_000_000_000L));
  }

  @Test
  void headerFields() {
    assertEquals(0, NodeLayout.DESCENDANTS_OFFSET_BYTES);
    assertEquals(4, NodeLayout.ANGULAR_NORM_OFFSET_BYTES);
    assertEquals(4, NodeLayout.PLANE_OFFSET_OFFSET_BYTES);
    assertEquals(12, NodeLayout.DOT_FACTOR_OFFSET_BYTES);
    assertEquals(16, NodeLayout.DOT_MAIN_NORM_OFFSET_BYTES);
    assertEquals(20, NodeLayout.DOT_MAIN_BUILT_OFFSET_BYTES);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, MOST + 1, Integer.MAX_VALUE})
  void impossibleDimensionsAreRefused(int dimension) {
    String expected = "dimension: expected 1 to 1048576, found " + dimension;
    assertEquals(
        expected,
        assertThrows(IllegalArgumentException.class, () -> NodeLayout.plane(dimension))
            .getMessage());
    assertEquals(
        expected,
        assertThrows(IllegalArgumentException.class, () -> NodeLayout.hamming(dimension))
            .getMessage());
  }
}
