package org.annoyspark.index;

import org.annoyspark.metric.KeyedRandom;
import org.annoyspark.metric.Split;

/**
 * Items that belong to one node of a tree being grown: a range of the tree's item order, which
 * keeps the items of a range in ascending order. Once split, {@code middle} divides the range
 * between the two children.
 */
final class Region {

  // Children have keys 0 and 1.
  private static final long ATTEMPT_KEYS = 16;
  private static final long COIN_KEYS = 32;
  private static final long CHANCE_KEYS = 48;

  final int from;
  final int to;

  /** Where the node's random draws come from: seed, tree and the path from the root. */
  final long key;

  Split split;
  int middle;
  Region[] children;

  Region(int from, int to, long key) {
    this.from = from;
    this.to = to;
    this.key = key;
  }

  int size() {
    return to - from;
  }

  /** What the sample of an attempt at a split is drawn from. */
  long attemptKey(int attempt) {
    return KeyedRandom.derive(key, ATTEMPT_KEYS + attempt);
  }

  /** What decides, in that attempt, about items that lie in the plane. */
  long coinKey(int attempt) {
    return KeyedRandom.derive(key, COIN_KEYS + attempt);
  }

  /** What decides about all items in a round of division by chance. */
  long chanceKey(int round) {
    return KeyedRandom.derive(key, CHANCE_KEYS + round);
  }

  /** Divides the range after the first {@code side0Size} items. */
  void divide(Split chosenSplit, int side0Size) {
    split = chosenSplit;
    middle = from + side0Size;
    children =
        new Region[] {
          new Region(from, middle, KeyedRandom.derive(key, 0)),
          new Region(middle, to, KeyedRandom.derive(key, 1))
        };
  }

  /** The side whose nodes come first in the file: the smaller, or side 0. */
  int firstSide() {
    return to - middle < middle - from ? 1 : 0;
  }
}
