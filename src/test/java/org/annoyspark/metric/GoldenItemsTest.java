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
      byte[] bytes = Arrays.copyOfRange(file, item * nodeBytes, (item + 1) * nodeBytes);
      ByteBuffer expected = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      if (golden.metric().name().equals("dot")) {
        compareDotHeader(golden, isHole, largest, expected, found);
      } else if (golden.metric().name().equals("angular") && !isSumOfAFew(golden)) {
        compareFloat(NodeLayout.ANGULAR_NORM_OFFSET_BYTES, expected, found);
      }
      assertArrayEquals(expected.array(), found.array(), golden + " item " + item);
    }
  }

  /** Longer sums depend on the order in which the original's CPU adds. */
  private static boolean isSumOfAFew(GoldenCase golden) {
    return golden.metric().dimension() < 16 && golden.variant().equals("generic");
  }

  /** The original takes the root of a squared norm, and squares it again, before it subtracts. */
  private static void compareDotHeader(
      GoldenCase golden, boolean isHole, float largest, ByteBuffer expected, ByteBuffer found) {
    boolean isMain = golden.metric().dotLayoutLabel().equals("main");
    int offsetBytes = NodeLayout.DOT_FACTOR_OFFSET_BYTES;
    float factor = expected.getFloat(offsetBytes);
    if (isHole && isMain) {
      // The original's main branch takes a hole for a vector of zeros here.
      found.putFloat(NodeLayout.DOT_FACTOR_OFFSET_BYTES, (float) Math.sqrt(largest));
      found.putFloat(NodeLayout.DOT_MAIN_NORM_OFFSET_BYTES, largest);
      int built = NodeLayout.DOT_MAIN_BUILT_OFFSET_BYTES;
      found.put(built, expected.get(built));
    }
    // A factor is the root of a difference of squares, which may be all rounding.
    double squared = Math.pow(found.getFloat(offsetBytes), 2);
    assertEquals(Math.pow(factor, 2), squared, 1e-6 * largest);
    found.putFloat(offsetBytes, factor);
    if (isMain) {
      compareFloat(NodeLayout.DOT_MAIN_NORM_OFFSET_BYTES, expected, found);
    }
  }

  /** Compares a float within rounding, then makes the two the same. */
  private static void compareFloat(int offsetBytes, ByteBuffer expected, ByteBuffer found) {
    float value = expected.getFloat(offsetBytes);
    assertEquals(value, found.getFloat(offsetBytes), 1e-6f * Math.abs(value));
    found.putFloat(offsetBytes, value);
  }
}
