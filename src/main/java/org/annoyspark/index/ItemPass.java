package org.annoyspark.index;

import java.util.Arrays;
import java.util.List;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.KeyedRandom;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Rows;
import org.annoyspark.metric.Split;

/**
 * One thread's work on large regions: it chooses their splits, and sends the items of a range to
 * their sides, reading each item once for all regions.
 */
final class ItemPass {

  /** Rows that are read from the store at once and passed to all regions that want some of them. */
  private static final int MOST_BLOCK_ITEMS = 1024;

  private static final int MOST_BLOCK_FLOATS = 1 << 18;

  private final Metric metric;
  private final NodeStore store;
  private final RowGatherer gatherer;
  private final int blockItems;
  private final Rows blockRows;
  private final int[] blockSlots;
  private final Rows sampleRows;
  private final int[] sampleItems = new int[Split.SAMPLE_SIZE];
  private final int[] sampleSlots = new int[Split.SAMPLE_SIZE];
  private final float[] margins;

  ItemPass(Metric metric, NodeStore store) {
    this.metric = metric;
    this.store = store;
    this.gatherer = new RowGatherer(store);
    this.blockItems =
        Math.max(1, Math.min(MOST_BLOCK_ITEMS, MOST_BLOCK_FLOATS / metric.dimension()));
    this.blockRows = metric.newRows(blockItems);
    this.blockSlots = new int[blockItems];
    this.sampleRows = metric.newRows(Split.SAMPLE_SIZE);
    this.margins = new float[Math.max(blockItems, Split.SAMPLE_SIZE)];
    Arrays.setAll(sampleSlots, slot -> slot);
  }

  /** Chooses a region's split by a sample, and by the same whether it is balanced. */
  void choose(Routing routing) {
    Region region = routing.region;
    for (int attempt = 0; attempt < SplitChooser.ATTEMPTS; attempt++) {
      KeyedRandom random = new KeyedRandom(region.attemptKey(attempt));
      SplitChooser.drawSample(region, routing.order, random, sampleItems);
      gatherer.gather(sampleItems, sampleItems.length, sampleRows);
      routing.split = metric.chooseSplit(sampleRows, sampleSlots, random);
      routing.coinKey = region.coinKey(attempt);
      if (SplitChooser.isBalanced(side1OfSample(routing), sampleItems.length)) {
        return;
      }
    }
  }

  private int side1OfSample(Routing routing) {
    int side1 = 0;
    routing.split.margins(sampleRows, sampleSlots, 0, sampleSlots.length, margins);
    for (int i = 0; i < sampleItems.length; i++) {
      side1 += SplitChooser.side(margins[i], routing.coinKey, sampleItems[i]);
    }
    return side1;
  }

  /**
   * Sends the items {@code start .. end - 1} to their sides.
   *
   * @param parts of all regions, for that range
   * @param isSparse whether to read only the items that a region has
   */
  void run(int start, int end, List<Routing.Part> parts, boolean isSparse) {
    for (long from = start; from < end; from += blockItems) {
      int to = (int) Math.min(from + blockItems, end);
      if (anyWants(parts, to)) {
        if (isSparse) {
          loadWanted(parts, (int) from, to);
        } else {
          load((int) from, to);
        }
        for (Routing.Part part : parts) {
          route(part, (int) from, to);
        }
      }
    }
  }

  private static boolean anyWants(List<Routing.Part> parts, int to) {
    for (Routing.Part part : parts) {
      if (part.wants(to)) {
        return true;
      }
    }
    return false;
  }

  private void load(int from, int to) {
    for (int item = from; item < to; item++) {
      blockRows.load(store, item, item - from);
    }
  }

  private void loadWanted(List<Routing.Part> parts, int from, int to) {
    for (Routing.Part part : parts) {
      int[] order = part.routing().order;
      for (int i = part.next; i < part.to && order[i] < to; i++) {
        blockRows.load(store, order[i], order[i] - from);
      }
    }
  }

  /** Routes the part's items below {@code to}, all of which are in the block. */
  private void route(Routing.Part part, int from, int to) {
    Routing routing = part.routing();
    int[] order = routing.order;
    int[] scratch = routing.scratch;
    int partTo = part.to;
    int next = part.next;
    int count = 0;
    while (next + count < partTo && order[next + count] < to) {
      blockSlots[count] = order[next + count] - from;
      count++;
    }
    routing.split.margins(blockRows, blockSlots, 0, count, margins);
    int side0End = part.side0End;
    int side1End = part.side1End;
    for (int i = 0; i < count; i++) {
      int item = order[next + i];
      int side = SplitChooser.side(margins[i], routing.coinKey, item);
      order[side0End] = item;
      scratch[side1End] = item;
      side0End += 1 - side;
      side1End += side;
    }
    part.next = next + count;
    part.side0End = side0End;
    part.side1End = side1End;
  }
}
