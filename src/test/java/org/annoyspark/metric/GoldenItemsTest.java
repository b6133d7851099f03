package org.annoyspark.metric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.index.GoldenCase;
import org.annoyspark.vector.VectorUtil;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The original's item nodes, written again from its input. */
class GoldenItemsTest {

  static List<GoldenCase> cases() throws IOException {
    return GoldenCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itemsAreWrittenAsTheOriginalWritesThem(GoldenCase golden) throws IOException {
    Metric metric = golden.metric();
    float[][] vectors = golden.base();
    int items = golden.expected().get("n_items").asInt();
    int idStep = (items - 1) / Math.max(1, vectors.length - 1);
    float largest = 0;
    for (float[] vector : vectors) {
      largest = Math.max(largest, VectorUtil.squaredNorm(vector, 0, vector.length));
    }
    byte[] file = Files.readAllBytes(golden.file());
    int nodeBytes = metric.layout().nodeBytes();
    for (int item = 0; item < items; item++) {
      ByteBuffer found = ByteBuffer.allocate(nodeBytes).order(ByteOrder.LITTLE_ENDIAN);
      boolean isHole = idStep > 0 && item % idStep != 0;
      if (!isHole) {
        metric.writeItem(vectors[idStep == 0 ? item : item / idStep], largest, found);
      }
      byte[] expected = Arrays.copyOfRange(file, item * nodeBytes, (item + 1) * nodeBytes);
      assertNodes(golden, item, ByteBuffer.wrap(expected).order(ByteOrder.LITTLE_ENDIAN), found);
    }
  }

  /** Norms of more than a few floats depend on the order in which the original's CPU adds. */
  private static void assertNodes(
      GoldenCase golden, int item, ByteBuffer expected, ByteBuffer found) {
    boolean sameOrder = golden.metric().dimension() < 16 && golden.variant().equals("generic");
    if (!sameOrder) {
      switch (golden.metric().name()) {
        case "angular" -> compareFloat(NodeLayout.ANGULAR_NORM_OFFSET_BYTES, expected, found);
        case "dot" -> {
          compareFactor(expected, found);
          if (golden.metric().dotLayoutLabel().equals("main")) {
            compareFloat(NodeLayout.DOT_MAIN_NORM_OFFSET_BYTES, expected, found);
          }
        }
        default -> {}
      }
    }
    assertArrayEquals(expected.array(), found.array(), golden + " item " + item);
  }

  /** Compares a float within rounding, then makes the two the same. */
  private static void compareFloat(int offsetBytes, ByteBuffer expected, ByteBuffer found) {
    float value = expected.getFloat(offsetBytes);
    assertEquals(value, found.getFloat(offsetBytes), 1e-5f * Math.abs(value));
    found.putFloat(offsetBytes, value);
  }

  /** A factor is the root of a difference of squares, which may be all rounding. */
  private static void compareFactor(ByteBuffer expected, ByteBuffer found) {
    int offsetBytes = NodeLayout.DOT_FACTOR_OFFSET_BYTES;
    float value = expected.getFloat(offsetBytes);
    float foundValue = found.getFloat(offsetBytes);
    assertEquals((double) value * value, (double) foundValue * foundValue, 1e-4);
    found.putFloat(offsetBytes, value);
  }
}
