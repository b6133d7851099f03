package org.annoyspark.metric;

/**
 * Random draws that follow from a key alone, so that the order in which nodes are worked on cannot
 * show. The generator and its mixing function are SplitMix64: G. Steele, D. Lea, C. Flood, "Fast
 * splittable pseudorandom number generators", OOPSLA 2014. It is written out here because the files
 * depend on it: a JDK may change its own.
 */
public final class KeyedRandom {

  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  public KeyedRandom(long key) {
    this.state = key;
  }

  /** The key of a tree's root. */
  public static long treeKey(long seed, int tree) {
    return derive(mix(seed + GOLDEN_GAMMA), tree);
  }

  /** A key below {@code key}: of a child (0 or 1), an attempt, an item. */
  public static long derive(long key, long index) {
    return mix(key ^ mix((index + 1) * GOLDEN_GAMMA));
  }

  /** A fair coin for one item of a node; needs no order among the items. */
  public static int coin(long key, int item) {
    return (int) (derive(key, item) >>> 63);
  }

  /** A number from 0 to {@code bound - 1}. */
  public int nextInt(int bound) {
    state += GOLDEN_GAMMA;
    return (int) (((mix(state) >>> 32) * bound) >>> 32);
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
