package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.DotLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every item once, leaf by leaf, however the order is divided. */
class LeafOrderTest {

  static List<GoldenCase> cases() throws IOException {
    return GoldenCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void filesOfTheOriginal(GoldenCase golden) throws IOException {
    AnnoyIndex index = AnnoyIndex.open(golden.file(), golden.metric());
    int[] order = index.itemsByLeaf(0, 1);
    assertArrayEquals(
        IntStream.range(0, index.items()).filter(index::isItem).toArray(),
        IntStream.of(order).sorted().toArray());
    if (index.items() > index.store().layout().bucketCapacity()) {
      List<Integer> expected = new ArrayList<>();
      addLeaves(index, index.forest().searchRoots()[0], expected);
      assertEquals(expected, IntStream.of(order).boxed().toList());
    }
    for (int parts : new int[] {2, 7, order.length + 3}) {
      assertArrayEquals(order, joined(index, parts));
    }
  }

  /** The plain way, which holds all of them. */
  private static void addLeaves(AnnoyIndex index, int node, List<Integer> items) {
    NodeStore store = index.store();
    int descendants = store.descendants(node);
    if (node < index.items()) {
      if (descendants == 1) {
        items.add(node);
      }
    } else if (descendants > store.layout().bucketCapacity()) {
      addLeaves(index, store.child(node, 0), items);
      addLeaves(index, store.child(node, 1), items);
    } else {
      int[] bucket = new int[descendants];
      store.readInts(node, store.layout().childOffsetBytes(0), bucket, 0, descendants);
      IntStream.of(bucket).forEach(items::add);
    }
  }

  private static int[] joined(AnnoyIndex index, int parts) {
    return IntStream.range(0, parts)
        .flatMap(part -> IntStream.of(index.itemsByLeaf(part, parts)))
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3, 0.97})
  void ofFewAndManyItemsWithHoles(double holes) throws IOException {
    for (int rows : new int[] {1, 2, 12, 13, 14, 200}) {
      for (int seed = 0; seed < 20; seed++) {
        AnnoyIndex index = index(rows, holes, seed);
        assertArrayEquals(
            IntStream.range(0, index.items()).filter(index::isItem).toArray(),
            IntStream.of(joined(index, 3)).sorted().toArray(),
            rows + " rows, seed " + seed);
      }
    }
  }

  private static final Metric METRIC = Metric.of("angular", 10, DotLayout.RELEASED);

  private static AnnoyIndex index(int rows, double holes, int seed) throws IOException {
    float[][] vectors = Vectors.GAUSSIAN.rows(rows, 10, holes, new Random(seed));
    return MemoryIndex.open(METRIC, MemoryIndex.file(METRIC, vectors, 2, seed));
  }

  /** Whatever is damaged, it ends in a clear error or in items. */
  @Test
  void damage() throws IOException {
    float[][] vectors = Vectors.GAUSSIAN.rows(400, 10, 0, new Random(1));
    byte[] file = MemoryIndex.file(METRIC, vectors, 1, 1);
    int nodeBytes = METRIC.layout().nodeBytes();
    Random random = new Random(2);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      ByteBuffer damaged = ByteBuffer.wrap(file.clone()).order(ByteOrder.LITTLE_ENDIAN);
      AnnoyIndex index = MemoryIndex.open(METRIC, damaged.array());
      // Not the roots, which are looked at when a file is opened.
      int node = 400 + random.nextInt(index.nodes() - 402);
      int[] values = {-1, 0, 1, 12, 13, 399, 400, 450, 1 << 30, Integer.MAX_VALUE};
      damaged.putInt(
          node * nodeBytes + 4 * random.nextInt(3), values[random.nextInt(values.length)]);
      try {
        assertEquals(400, joined(index, 3).length);
      } catch (CorruptIndexException e) {
        refused++;
      }
    }
    assertEquals(true, refused > 150, "refused " + refused);
  }

  @Test
  void partsThatThereAre() throws IOException {
    AnnoyIndex index = index(13, 0, 1);
    for (int part : new int[] {-1, 2}) {
      assertThrows(IndexOutOfBoundsException.class, () -> index.itemsByLeaf(part, 2));
    }
  }
}
