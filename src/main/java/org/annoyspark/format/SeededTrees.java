package org.annoyspark.format;

import java.util.ArrayList;
import java.util.List;

/**
 * Trees whose random draws came from one seed, numbered without a gap. Seed and number are all that
 * tells two trees over the same items apart.
 *
 * @param firstTree number of the first, 0 or more
 * @param trees how many
 */
public record SeededTrees(long seed, int firstTree, int trees) {

  /**
   * The largest number that the first tree of a build may have. A file has room for fewer trees
   * than that, so no number overflows.
   */
  public static final int MOST_FIRST_TREE = 1 << 30;

  /** Whether there is a tree that is in both. */
  public boolean overlaps(SeededTrees other) {
    return seed == other.seed && firstTree < other.end() && other.firstTree < end();
  }

  /** The number after the last. */
  public long end() {
    return (long) firstTree + trees;
  }

  /** Adds to a list that is in the order of a file; what continues its last entry becomes one. */
  public static List<SeededTrees> append(List<SeededTrees> before, SeededTrees next) {
    List<SeededTrees> all = new ArrayList<>(before);
    SeededTrees last = all.isEmpty() ? null : all.get(all.size() - 1);
    if (last != null && last.seed == next.seed && last.end() == next.firstTree) {
      all.set(all.size() - 1, new SeededTrees(last.seed, last.firstTree, last.trees + next.trees));
    } else {
      all.add(next);
    }
    return List.copyOf(all);
  }

  @Override
  public String toString() {
    return "trees " + firstTree + " to " + (end() - 1) + " of seed " + seed;
  }
}
