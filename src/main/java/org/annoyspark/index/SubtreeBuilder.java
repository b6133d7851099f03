package org.annoyspark.index;

import java.io.IOException;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.KeyedRandom;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Rows;
import org.annoyspark.metric.Split;

/**
 * Grows what is below a region small enough for its rows to be gathered in one array, where they
 * stay in the cache while the region is divided again and again. Scratch memory is used for one
 * region after another.
 */
final class SubtreeBuilder implements Subtrees {

  private final Metric metric;
  private final RowGatherer gatherer;
  private final TreeShape shape;
  private final int mostItems;

  /** Made when the first region is gathered: where dimensions are many, all regions are buckets. */
  private Rows rows;

  /** Slot to item. */
  private final int[] items;

  /** The tree's order of slots; a region is a range of it. */
  private final int[] order;

  private final int[] scratch;
  private final byte[] sides;
  private final float[] margins;
  private final int[] sample = new int[Split.SAMPLE_SIZE];

  SubtreeBuilder(Metric metric, NodeStore store, TreeShape shape, int mostItems) {
    this.metric = metric;
    this.gatherer = new RowGatherer(store);
    this.shape = shape;
    this.mostItems = mostItems;
    this.items = new int[mostItems];
    this.order = new int[mostItems];
    this.scratch = new int[mostItems];
    this.sides = new byte[mostItems];
    this.margins = new float[mostItems];
  }

  @Override
  public int write(Region region, int[] itemOrder, boolean isRoot, TreeNodes nodes)
      throws IOException {
    int size = region.size();
    System.arraycopy(itemOrder, region.from, items, 0, size);
    if (!shape.isSingleItem(size, isRoot) && !shape.isBucket(size, isRoot)) {
      if (rows == null) {
        rows = metric.newRows(mostItems);
      }
      gatherer.gather(items, size, rows);
    }
    for (int slot = 0; slot < size; slot++) {
      order[slot] = slot;
    }
    return new Growth(new Region(0, size, region.key), isRoot, nodes).write();
  }

  private final class Growth extends TreeWriter {

    Growth(Region top, boolean isRoot, TreeNodes nodes) {
      super(shape, nodes, top, isRoot);
    }

    @Override
    int writeLeaf(Region region) throws IOException {
      int size = region.size();
      if (shape.isSingleItem(size, isRoot(region))) {
        return items[order[region.from]];
      }
      if (shape.isBucket(size, isRoot(region))) {
        for (int i = 0; i < size; i++) {
          scratch[i] = items[order[region.from + i]];
        }
        return nodes.appendBucket(descendants(region), scratch, size);
      }
      divide(region);
      return divided();
    }
  }

  private void divide(Region region) {
    int size = region.size();
    Split split = null;
    int side1 = 0;
    for (int attempt = 0; attempt < SplitChooser.ATTEMPTS; attempt++) {
      split = choose(region, attempt);
      side1 = route(region, split, region.coinKey(attempt));
      if (SplitChooser.isBalanced(side1, size)) {
        break;
      }
    }
    if (SplitChooser.isHopeless(side1, size)) {
      SplitChooser.divideByChance(metric, region, order, slot -> items[slot]);
    } else {
      SplitChooser.partition(region, order, sides, scratch);
      region.divide(split, size - side1);
    }
  }

  private Split choose(Region region, int attempt) {
    KeyedRandom random = new KeyedRandom(region.attemptKey(attempt));
    SplitChooser.drawSample(region, order, random, sample);
    return metric.chooseSplit(rows, sample, random);
  }

  /** Leaves each item's side in {@link #sides}; returns how many are on side 1. */
  private int route(Region region, Split split, long coinKey) {
    int side1 = 0;
    split.margins(rows, order, region.from, region.size(), margins);
    for (int i = 0; i < region.size(); i++) {
      int side = SplitChooser.side(margins[i], coinKey, items[order[region.from + i]]);
      sides[i] = (byte) side;
      side1 += side;
    }
    return side1;
  }
}
