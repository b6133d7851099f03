package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.HeapNodeStore;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.QuantizedRows;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of the original, damaged: an answer or a {@link CorruptIndexException}, and soon. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class DamagedFilesTest {

  private static final int VARIANTS = 1000;

  /** Kinds of damage that real files have met, from a flipped bit to a lost tail. */
  private enum Damage {
    BIT,
    ANY_INT,
    HEADER_INT,
    LINK,
    NODE_OVER_ANOTHER,
    TRUNCATION;

    byte[] applyTo(byte[] sound, NodeLayout layout, int items, Random random) {
      byte[] bytes = sound.clone();
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int nodeBytes = layout.nodeBytes();
      int nodes = bytes.length / nodeBytes;
      int node = random.nextInt(nodes);
      int treeNode = items + random.nextInt(nodes - items);
      switch (this) {
        case BIT -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        case ANY_INT -> buffer.putInt(random.nextInt(bytes.length / 4) * 4, random.nextInt());
        case HEADER_INT -> buffer.putInt(node * nodeBytes, number(layout, items, nodes, random));
        case LINK -> {
          int id = random.nextInt(layout.bucketCapacity());
          int at = treeNode * nodeBytes + layout.childOffsetBytes(random.nextInt(2) * id % 2);
          buffer.putInt(at, number(layout, items, nodes, random));
        }
        case NODE_OVER_ANOTHER ->
            System.arraycopy(sound, node * nodeBytes, bytes, treeNode * nodeBytes, nodeBytes);
        case TRUNCATION -> {
          return Arrays.copyOf(bytes, (1 + random.nextInt(nodes - 1)) * nodeBytes);
        }
      }
      return bytes;
    }

    /** A number that lies next to some limit, or anywhere. */
    private static int number(NodeLayout layout, int items, int nodes, Random random) {
      int[] limits = {0, 1, layout.bucketCapacity(), items, nodes, Integer.MAX_VALUE};
      int choice = random.nextInt(limits.length + 1);
      return choice == limits.length
          ? random.nextInt(nodes)
          : limits[choice] + random.nextInt(3) - 1;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "angular_f3",
        "angular_f10_holes",
        "angular_f40_n1",
        "angular_f40_n30",
        "euclidean_f3",
        "euclidean_f10_dups",
        "manhattan_f10_holes",
        "manhattan_f40_n30",
        "dot_f3",
        "dot_f10_holes",
        "dot_f40_n46",
        "hamming_f32",
        "hamming_f32_dups",
        "hamming_f100_n8"
      })
  void damageIsAnsweredOrTold(String name) throws IOException {
    GoldenCase golden = GoldenCase.of(name, "generic");
    Metric metric = golden.metric();
    byte[] sound = Files.readAllBytes(golden.file());
    int items = golden.expected().get("n_items").asInt();
    int told = 0;
    for (int variant = 0; variant < VARIANTS; variant++) {
      Random random = new Random(variant);
      Damage damage = Damage.values()[variant % Damage.values().length];
      byte[] bytes = damage.applyTo(sound, metric.layout(), items, random);
      String where = name + ", variant " + variant + ", " + damage;
      told += isTold(() -> searchUnchecked(metric, bytes), where) ? 1 : 0;
      told += isTold(() -> openSearchAndVerify(metric, bytes), where) ? 1 : 0;
    }
    assertNotEquals(0, told, "no damage was found at all");
  }

  private static boolean isTold(Runnable use, String where) {
    try {
      use.run();
      return false;
    } catch (CorruptIndexException e) {
      return true;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError(where, e);
    }
  }

  private static void openSearchAndVerify(Metric metric, byte[] bytes) {
    AnnoyIndex index = MemoryIndex.open(metric, bytes);
    List<String> faults = IndexVerifier.verify(index, 10);
    for (int searchK : new int[] {AnnoyIndex.DEFAULT_SEARCH_K, Integer.MAX_VALUE}) {
      index.nearestToVector(new float[metric.dimension()], 10, searchK);
    }
    if (faults.isEmpty()) {
      assertEquals(index.trees(), IndexStatistics.of(index).trees().size());
    }
  }

  /** Past the checks at opening: of a large file these see a sample only. */
  private static void searchUnchecked(Metric metric, byte[] bytes) {
    NodeStore store = new HeapNodeStore("damaged", metric.layout(), bytes);
    Forest forest = new Forest(store, metric);
    float[] ones = new float[metric.dimension()];
    Arrays.fill(ones, 1);
    for (int searchK : new int[] {100, Integer.MAX_VALUE}) {
      Neighbors together = null;
      try {
        BulkSearcher bulk = new BulkSearcher(store, forest, metric, 5);
        together = bulk.search(new float[][] {ones, ones}, 10, searchK)[1];
      } catch (CorruptIndexException e) {
        // Then one query alone meets the damage too, and tells it.
      }
      Searcher searcher = new Searcher(store, forest, metric, () -> null, 0);
      searcher.query().bind(ones);
      Neighbors alone = searcher.search(10, searchK);
      assertNotNull(together, "damage told to many queries and not to one");
      BulkSearchTest.assertSame(alone, together);
      if (metric.canQuantize()) {
        QuantizedRows rows = new QuantizedRows(forest.items(), metric.dimension());
        Searcher quantized = new Searcher(store, forest, metric, () -> rows, 0);
        quantized.query().bind(ones);
        BulkSearchTest.assertSame(alone, quantized.search(10, searchK));
      }
    }
  }
}
