package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    Map<Pair, List<Double>> told = toldDistances(golden);
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
          assertDistances(golden, q, found, told);
        }
      }
    }
    assertEquals(List.of(), differing);
  }

  /**
   * Within 1e-5 of what one of the original's builds tells of the pair. Its two builds add floats
   * in different orders, and differ from each other by up to 1.4e-3 where a distance is the small
   * difference of large numbers: nobody can be close to both.
   */
  private static void assertDistances(
      GoldenCase golden, int query, Neighbors found, Map<Pair, List<Double>> told) {
    for (int i = 0; i < found.size(); i++) {
      List<Double> distances = told.get(new Pair(query, found.items()[i]));
      double foundDistance = found.distances()[i];
      assertTrue(
          distances.stream().anyMatch(d -> Math.abs(d - foundDistance) <= 1e-5 * Math.abs(d)),
          golden
              + " query "
              + query
              + " place "
              + i
              + ": expected one of "
              + distances
              + ", found "
              + foundDistance);
    }
  }

  private record Pair(int query, int item) {}

  /** What the original's builds tell of each query and item, over the same vectors. */
  private static Map<Pair, List<Double>> toldDistances(GoldenCase golden) throws IOException {
    Map<Pair, List<Double>> told = new HashMap<>();
    for (GoldenCase build : cases()) {
      if (build.name().equals(golden.name())) {
        for (JsonNode lists : build.expected().get("results_by_search_k")) {
          for (int q = 0; q < lists.size(); q++) {
            JsonNode ids = lists.get(q).get("ids");
            for (int i = 0; i < ids.size(); i++) {
              told.computeIfAbsent(new Pair(q, ids.get(i).asInt()), pair -> new ArrayList<>())
                  .add(lists.get(q).get("distances").get(i).asDouble());
            }
          }
        }
      }
    }
    return told;
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
