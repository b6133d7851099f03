package org.annoyspark.index;

import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Rows;

/** Copies items that stand anywhere in a store side by side. Not safe for many threads. */
final class RowGatherer {

  /** Fetched from memory before any of them is copied: few enough to stay in the cache. */
  private static final int BLOCK_ITEMS = 32;

  private final NodeStore store;

  /** Never read: it keeps the compiler from dropping what is read to be fetched. */
  @SuppressWarnings("unused")
  private int fetched;

  RowGatherer(NodeStore store) {
    this.store = store;
  }

  /** Copies the first {@code count} of some items to the slots from 0 on. */
  void gather(int[] items, int count, Rows rows) {
    for (int from = 0; from < count; from += BLOCK_ITEMS) {
      int to = Math.min(from + BLOCK_ITEMS, count);
      for (int i = from; i < to; i++) {
        fetched += store.fetch(items[i]);
      }
      for (int i = from; i < to; i++) {
        rows.load(store, items[i], i);
      }
    }
  }
}
