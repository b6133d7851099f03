package org.annoyspark.eval;

import java.util.Arrays;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.Neighbors;

/**
 * The share of true neighbours that an index finds.
 *
 * @param queries how many were asked
 * @param recall mean over the queries, 0 to 1
 */
public record Recall(int queries, double recall) {

  /**
   * Compares the index with exact search.
   *
   * @param selves each query's own item, which does not count, or -1; as long as {@code queries}
   * @throws IllegalArgumentException if k is less than 1
   */
  public static Recall measure(
      AnnoyIndex index, float[][] queries, int[] selves, int k, int searchK) {
    if (k < 1) {
      throw new IllegalArgumentException("k: expected 1 or more, found " + k);
    }
    boolean anySelf = Arrays.stream(selves).anyMatch(self -> self >= 0);
    int wanted = anySelf ? k + 1 : k;
    Neighbors[] exact = new ExactSearcher(index).nearest(queries, wanted);
    double sum = 0;
    for (int q = 0; q < queries.length; q++) {
      int[] truth = without(selves[q], exact[q], k);
      int[] found = without(selves[q], index.nearestToVector(queries[q], wanted, searchK), k);
      sum += share(truth, found);
    }
    return new Recall(queries.length, sum / queries.length);
  }

  private static int[] without(int self, Neighbors neighbors, int k) {
    return Arrays.stream(neighbors.items()).filter(item -> item != self).limit(k).toArray();
  }

  private static double share(int[] truth, int[] found) {
    if (truth.length == 0) {
      return 1;
    }
    int[] sorted = truth.clone();
    Arrays.sort(sorted);
    long hits = Arrays.stream(found).filter(item -> Arrays.binarySearch(sorted, item) >= 0).count();
    return (double) hits / truth.length;
  }
}
