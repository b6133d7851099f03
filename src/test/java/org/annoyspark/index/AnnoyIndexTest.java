package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Questions that can and cannot be asked. */
class AnnoyIndexTest {

  private static AnnoyIndex open(String name) throws IOException {
    GoldenCase golden = GoldenCase.of(name, "generic");
    return AnnoyIndex.open(golden.file(), golden.metric());
  }

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void kAndSearchKAreOneOrMore() throws IOException {
    AnnoyIndex index = open("angular_f3");
    float[] query = {1, 2, 3};
    assertRefused("k: expected 1 or more, found 0", () -> index.nearestToVector(query, 0, -1));
    assertRefused("k: expected 1 or more, found -1", () -> index.nearestToItem(0, -1, -1));
    for (int searchK : new int[] {0, -2}) {
      assertRefused(
          "searchK: expected 1 or more, or -1 for k times the number of roots, found " + searchK,
          () -> index.nearestToVector(query, 1, searchK));
    }
    assertEquals(1000, index.nearestToVector(query, Integer.MAX_VALUE, -1).size());
    assertEquals(1000, index.nearestToVector(query, Integer.MAX_VALUE, Integer.MAX_VALUE).size());
  }

  @Test
  void queriesAreFiniteAndOfTheIndexsDimension() throws IOException {
    AnnoyIndex index = open("euclidean_f3");
    assertRefused(
        "query vector: expected dimension 3, as the index has, found 2",
        () -> index.nearestToVector(new float[2], 1, -1));
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      assertRefused(
          "query vector: expected finite numbers, found " + bad + " at position 1",
          () -> index.nearestToVector(new float[] {0, bad, 0}, 1, -1));
    }
  }

  @ParameterizedTest
  @CsvSource({"-1, -1", "1998, 1998", "2147483647, 2147483647", "1, '1, which is a hole'"})
  void itemsExist(int item, String found) throws IOException {
    AnnoyIndex index = open("euclidean_f10_holes");
    int last = index.items() - 1;
    assertFalse(index.isItem(item));
    String message = "item: expected one of 0 to " + last + ", found " + found;
    assertRefused(message, () -> index.nearestToItem(item, 1, -1));
    assertRefused(message, () -> index.itemVector(item));
    assertRefused(message, () -> index.distance(item, 0));
    assertRefused(message, () -> index.distance(0, item));
    assertTrue(index.isItem(last));
  }

  static List<GoldenCase> cases() throws IOException {
    return GoldenCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void anItemIsAsGoodAQueryAsItsVector(GoldenCase golden) throws IOException {
    AnnoyIndex index = AnnoyIndex.open(golden.file(), golden.metric());
    for (int item = 0; item < index.items(); item += 37) {
      if (index.isItem(item)) {
        Neighbors byItem = index.nearestToItem(item, 10, -1);
        Neighbors byVector = index.nearestToVector(index.itemVector(item), 10, -1);
        assertArrayEquals(byVector.items(), byItem.items());
        assertArrayEquals(byVector.distances(), byItem.distances());
        int nearest = byItem.items()[0];
        assertEquals(byItem.distances()[0], index.distance(item, nearest));
      }
    }
  }

  @Test
  void whatIsNoFileIsToldAsSuch() throws IOException {
    GoldenCase golden = GoldenCase.of("angular_f3", "generic");
    Path nowhere = Path.of("nowhere", "index.ann");
    assertEquals(
        nowhere + ": not an Annoy file",
        assertThrows(NoSuchFileException.class, () -> AnnoyIndex.open(nowhere, golden.metric()))
            .getMessage());
    assertEquals(
        "nowhere: not an index directory: it has no metadata.json",
        assertThrows(NoSuchFileException.class, () -> AnnoyIndex.open(Path.of("nowhere")))
            .getMessage());
  }
}
