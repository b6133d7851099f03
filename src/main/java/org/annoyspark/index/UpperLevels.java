package org.annoyspark.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.KeyedRandom;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Rows;
import org.annoyspark.metric.Split;

/**
 * Divides the large regions of several trees, a level of all trees in one sequential pass over the
 * items: reading a row in order costs a fraction of finding it at random. Splits are chosen, and
 * tried for balance, on samples, so that a bad one does not cost a pass. Used once.
 */
final class UpperLevels {

  /** Rows that are read from the store at once and passed to all regions that want some of them. */
  private static final int MOST_BLOCK_ITEMS = 1024;

  private static final int MOST_BLOCK_FLOATS = 1 << 18;

  /** If fewer than one row of that many is wanted, a pass reads only those. */
  private static final int SPARSE = 4;

  private final Metric metric;
  private final NodeStore store;
  private final RowGatherer gatherer;
  private final int mostLeafItems;
  private final int blockItems;
  private final Rows blockRows;
  private final Rows sampleRows;
  private final int[] sampleSlots = new int[Split.SAMPLE_SIZE];
  private final int[] blockSlots;
  private final float[] margins;
  private final int[] sampleItems = new int[Split.SAMPLE_SIZE];

  /** The large regions of one level. */
  private List<Routing> level = new ArrayList<>();

  /**
   * @param mostLeafItems regions of at most that many items are left alone
   */
  UpperLevels(Metric metric, NodeStore store, int mostLeafItems) {
    this.metric = metric;
    this.store = store;
    this.gatherer = new RowGatherer(store);
    this.mostLeafItems = mostLeafItems;
    this.blockItems =
        Math.max(1, Math.min(MOST_BLOCK_ITEMS, MOST_BLOCK_FLOATS / metric.dimension()));
    this.blockSlots = new int[blockItems];
    this.margins = new float[Math.max(blockItems, Split.SAMPLE_SIZE)];
    this.blockRows = metric.newRows(blockItems);
    this.sampleRows = metric.newRows(Split.SAMPLE_SIZE);
    Arrays.setAll(sampleSlots, slot -> slot);
  }

  /** A large region on its way through a pass. */
  private static final class Routing {
    final Region region;
    final int[] order;

    /** As long as {@link #order}; shared by the regions of a tree, which use different ranges. */
    final int[] scratch;

    Split split;
    long coinKey;
    int next;
    int side0End;
    int side1Count;

    Routing(Region region, int[] order, int[] scratch) {
      this.region = region;
      this.order = order;
      this.scratch = scratch;
      this.next = region.from;
      this.side0End = region.from;
    }
  }

  /**
   * Takes regions of one tree, which are to be divided.
   *
   * @param order of which they are ranges, each ascending; rearranged
   */
  void add(List<Region> regions, int[] order) {
    int[] scratch = null;
    for (Region region : regions) {
      if (region.size() > mostLeafItems) {
        scratch = scratch == null ? new int[order.length] : scratch;
        level.add(new Routing(region, order, scratch));
      }
    }
  }

  /** Divides all that was added, and what is below, until all regions are small. */
  void divide() {
    while (!level.isEmpty()) {
      level.forEach(this::choose);
      pass();
      List<Routing> nextLevel = new ArrayList<>();
      for (Routing routing : level) {
        finish(routing);
        for (Region child : routing.region.children) {
          if (child.size() > mostLeafItems) {
            nextLevel.add(new Routing(child, routing.order, routing.scratch));
          }
        }
      }
      level = nextLevel;
    }
  }

  private void choose(Routing routing) {
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

  private void pass() {
    long end = store.nodeCount();
    boolean isSparse =
        level.stream().mapToLong(routing -> routing.region.size()).sum() < end / SPARSE;
    for (long from = 0; from < end; from += blockItems) {
      long to = Math.min(from + blockItems, end);
      if (anyWants(to)) {
        if (isSparse) {
          loadWanted((int) from, (int) to);
        } else {
          load((int) from, (int) to);
        }
        for (Routing routing : level) {
          route(routing, (int) from, (int) to);
        }
      }
    }
  }

  private boolean anyWants(long to) {
    for (Routing routing : level) {
      if (routing.next < routing.region.to && routing.order[routing.next] < to) {
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

  private void loadWanted(int from, int to) {
    for (Routing routing : level) {
      int[] order = routing.order;
      for (int i = routing.next; i < routing.region.to && order[i] < to; i++) {
        blockRows.load(store, order[i], order[i] - from);
      }
    }
  }

  /** Routes the region's items below {@code to}, all of which are in the block. */
  private void route(Routing routing, int from, int to) {
    int[] order = routing.order;
    int[] scratch = routing.scratch;
    int regionFrom = routing.region.from;
    int regionTo = routing.region.to;
    int next = routing.next;
    int count = 0;
    while (next + count < regionTo && order[next + count] < to) {
      blockSlots[count] = order[next + count] - from;
      count++;
    }
    routing.split.margins(blockRows, blockSlots, 0, count, margins);
    int side0End = routing.side0End;
    int side1End = regionFrom + routing.side1Count;
    for (int i = 0; i < count; i++) {
      int item = order[next + i];
      int side = SplitChooser.side(margins[i], routing.coinKey, item);
      order[side0End] = item;
      scratch[side1End] = item;
      side0End += 1 - side;
      side1End += side;
    }
    routing.next = next + count;
    routing.side0End = side0End;
    routing.side1Count = side1End - regionFrom;
  }

  private void finish(Routing routing) {
    Region region = routing.region;
    System.arraycopy(
        routing.scratch, region.from, routing.order, routing.side0End, routing.side1Count);
    if (SplitChooser.isHopeless(routing.side1Count, region.size())) {
      // Chance divides the items as they stood: ascending.
      Arrays.sort(routing.order, region.from, region.to);
      SplitChooser.divideByChance(metric, region, routing.order, item -> item);
    } else {
      region.divide(routing.split, routing.side0End - region.from);
    }
  }
}
