package org.annoyspark.index;

/**
 * Which items a search for many vectors may find. An item has to pass all three.
 *
 * @param allowed the items that any vector may find; null for all
 * @param only for each vector the only items that it may find, or null; null if no vector has such
 *     a list
 * @param excluded for each vector items that it may not find, ascending, or none; null if no vector
 *     has such a list
 */
public record CandidateFilter(ItemSet allowed, int[][] only, int[][] excluded) {

  /**
   * @throws IllegalArgumentException if there are lists, but not for so many vectors
   */
  void checkVectors(int vectors) {
    for (int[][] lists : new int[][][] {only, excluded}) {
      if (lists != null && lists.length != vectors) {
        throw new IllegalArgumentException(
            "filter: expected a list for each of " + vectors + " vectors, found " + lists.length);
      }
    }
  }

  int[] only(int vector) {
    return only == null ? null : only[vector];
  }

  boolean allows(int item) {
    return allowed == null || allowed.contains(item);
  }
}
