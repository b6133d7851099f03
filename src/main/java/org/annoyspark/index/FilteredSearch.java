package org.annoyspark.index;

import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;

/**
 * Searches among the items that a filter lets pass. A vector that finds fewer than k of them is
 * asked again with more candidates; once these would be as many as the items allowed, those are
 * measured one and all. docs/adr/0019 has the reasons.
 */
final class FilteredSearch {

  /** Where a search finds too few, the next looks at so many times as many candidates. */
  private static final int GROWTH = 4;

  private final Forest forest;
  private final BulkSearcher searcher;
  private final CandidateFilter filter;

  FilteredSearch(NodeStore store, Forest forest, Metric metric, CandidateFilter filter) {
    this.forest = forest;
    this.searcher = new BulkSearcher(store, forest, metric);
    this.filter = filter;
  }

  /** The neighbours of each vector, with distances of the search. */
  Neighbors[] search(float[][] vectors, int k, long searchK) {
    Neighbors[] found = new Neighbors[vectors.length];
    for (int i = 0; i < vectors.length; i++) {
      if (filter.only(i) != null) {
        found[i] = searchList(vectors, i, k);
      }
    }
    int[] open = IntStream.range(0, found.length).filter(i -> found[i] == null).toArray();
    ItemSet allowed = filter.allowed();
    long mostCandidates = allowed == null ? forest.items() : allowed.size();
    long effort = searchK;
    for (; open.length > 0 && effort < mostCandidates; effort *= GROWTH) {
      answer(
          open, searcher.search(select(vectors, open), k, effort, allowed, excluded(open)), found);
      open = IntStream.of(open).filter(i -> found[i].size() < k).toArray();
    }
    answer(open, searcher.measureAll(select(vectors, open), k, all(), excluded(open)), found);
    return found;
  }

  private Neighbors searchList(float[][] vectors, int vector, int k) {
    int[] items =
        IntStream.of(filter.only(vector))
            .filter(filter::allows)
            .filter(item -> item >= 0 && item < forest.items())
            .toArray();
    int[] one = {vector};
    return searcher
        .measureAll(select(vectors, one), k, () -> Arrays.stream(items).iterator(), excluded(one))[
        0];
  }

  private Supplier<PrimitiveIterator.OfInt> all() {
    return filter.allowed() == null
        ? () -> IntStream.range(0, forest.items()).iterator()
        : filter.allowed()::iterator;
  }

  private int[][] excluded(int[] vectors) {
    return filter.excluded() == null ? null : select(filter.excluded(), vectors);
  }

  private static <T> T[] select(T[] all, int[] wanted) {
    T[] selected = Arrays.copyOf(all, wanted.length);
    Arrays.setAll(selected, i -> all[wanted[i]]);
    return selected;
  }

  private static void answer(int[] vectors, Neighbors[] answers, Neighbors[] found) {
    for (int i = 0; i < vectors.length; i++) {
      found[vectors[i]] = answers[i];
    }
  }
}
