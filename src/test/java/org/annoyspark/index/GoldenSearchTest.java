package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of the original, answered as the original answers. */
class GoldenSearchTest {

  private static final int K = 10;

  static List<GoldenCase> cases() throws IOException {
    return GoldenCase.all();
  }

  @Test
  void allCasesArePresent() throws IOException {
    assertEquals(47, cases().stream().map(GoldenCase::name).distinct().count());
    assertEquals(3, cases().stream().filter(c -> c.variant().equals("v1173")).count());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sameIdsAndDistances(GoldenCase golden) throws IOException {
    AnnoyIndex index = AnnoyIndex.open(golden.file(), golden.metric());
    float[][] queries = golden.queries();
    List<String> differing = new ArrayList<>();
    for (int searchK : new int[] {-1, 1000}) {
      JsonNode lists = golden.expected().get("results_by_search_k").get("" + searchK);
      assertEquals(queries.length, lists.size());
      for (int q = 0; q < queries.length; q++) {
        Neighbors found = index.nearestToVector(queries[q], K, searchK);
        List<Integer> expected = new ArrayList<>();
        lists.get(q).get("ids").forEach(id -> expected.add(id.asInt()));
        List<Integer> ids = new ArrayList<>();
        for (int item : found.items()) {
          ids.add(item);
        }
        if (!ids.equals(expected)) {
          differing.add("searchK " + searchK + " query " + q + ": " + expected + " vs " + ids);
        } else {
          assertDistances(golden, queries[q], lists.get(q).get("distances"), found, index);
        }
      }
    }
    assertEquals(List.of(), differing);
  }

  /**
   * Within 1e-5, but where a distance is the small difference of large floats: there the original's
   * two builds differ from each other by more, and the rounding of what was subtracted counts.
   */
  private static void assertDistances(
      GoldenCase golden, float[] query, JsonNode expected, Neighbors found, AnnoyIndex index) {
    for (int i = 0; i < found.size(); i++) {
      double distance = expected.get(i).asDouble();
      double foundDistance = found.distances()[i];
      float[] item = index.itemVector(found.items()[i]);
      boolean close =
          switch (golden.metric().name()) {
            // The difference is 2 - 2 cos, of which the distance is the root.
            case "angular" ->
                isClose(distance * distance, foundDistance * foundDistance, 2e-5, 4 * Math.ulp(2f));
            case "dot" ->
                isClose(
                    distance,
                    foundDistance,
                    1e-5,
                    2 * Math.ulp((float) Math.sqrt(squaredNorm(query) * squaredNorm(item))));
            default -> isClose(distance, foundDistance, 1e-5, 0);
          };
      assertTrue(
          close,
          golden + " place " + i + ": expected " + distance + ", found " + found.distances()[i]);
    }
  }

  private static boolean isClose(double expected, double found, double share, double rounding) {
    return Math.abs(expected - found) <= Math.max(share * Math.abs(expected), rounding);
  }

  private static double squaredNorm(float[] vector) {
    double sum = 0;
    for (float x : vector) {
      sum += (double) x * x;
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sizesAreTheOriginals(GoldenCase golden) throws IOException {
    AnnoyIndex index = AnnoyIndex.open(golden.file(), golden.metric());
    assertEquals(golden.expected().get("n_items").asInt(), index.items());
    assertEquals(golden.expected().get("n_nodes").asInt(), index.nodes());
    // The three files of the released dot have few items to a bucket: as many roots as trees.
    assertEquals(
        golden.expected().path("n_roots_after_load").asInt(index.trees()), index.searchRoots());
    assertEquals(golden.expected().get("n_trees").asInt(), index.trees());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void verifyAcceptsThem(GoldenCase golden) throws IOException {
    AnnoyIndex index = AnnoyIndex.open(golden.file(), golden.metric());
    assertEquals(List.of(), IndexVerifier.verify(index, 10));
  }
}
