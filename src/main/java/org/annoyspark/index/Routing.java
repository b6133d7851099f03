package org.annoyspark.index;

import java.util.Arrays;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Split;

/**
 * A large region on its way through a pass over the items, which is made in parts: ranges of items
 * from the first to the last. Each part divides its own range of the region's items; that the parts
 * are joined in order makes the same of them as one alone.
 */
final class Routing {

  final Region region;
  final int[] order;

  /** As long as {@link #order}; shared by the regions of a tree, which use different ranges. */
  final int[] scratch;

  Split split;
  long coinKey;
  private Part[] parts;

  /**
   * What lies in one range of the items. Those of side 0 stay, from {@code from} on, in the order;
   * those of side 1 are put aside, from there on, in the scratch array.
   */
  final class Part {
    final int from;
    final int to;
    int next;
    int side0End;
    int side1End;

    private Part(int from, int to) {
      this.from = from;
      this.to = to;
      this.next = from;
      this.side0End = from;
      this.side1End = from;
    }

    Routing routing() {
      return Routing.this;
    }

    /** Whether items below that one are still to be divided. */
    boolean wants(long end) {
      return next < to && order[next] < end;
    }
  }

  /**
   * @param order of which the region is a range, ascending
   */
  Routing(Region region, int[] order, int[] scratch) {
    this.region = region;
    this.order = order;
    this.scratch = scratch;
  }

  /**
   * Begins a pass.
   *
   * @param starts the first item of each part, ascending
   */
  void begin(int[] starts) {
    parts = new Part[starts.length];
    int to = region.to;
    for (int part = starts.length - 1; part >= 0; part--) {
      int from = part == 0 ? region.from : firstPlace(starts[part], to);
      parts[part] = new Part(from, to);
      to = from;
    }
  }

  private int firstPlace(int item, int to) {
    int place = Arrays.binarySearch(order, region.from, to, item);
    return place < 0 ? -place - 1 : place;
  }

  Part part(int number) {
    return parts[number];
  }

  /** Ends the pass: all of side 0 come to stand before all of side 1, or chance divides them. */
  void finish(Metric metric) {
    int middle = region.from;
    for (Part part : parts) {
      int count = part.side0End - part.from;
      System.arraycopy(order, part.from, order, middle, count);
      middle += count;
    }
    int end = middle;
    for (Part part : parts) {
      int count = part.side1End - part.from;
      System.arraycopy(scratch, part.from, order, end, count);
      end += count;
    }
    if (SplitChooser.isHopeless(region.to - middle, region.size())) {
      // Chance divides the items as they stood: ascending.
      Arrays.sort(order, region.from, region.to);
      SplitChooser.divideByChance(metric, region, order, item -> item);
    } else {
      region.divide(split, middle - region.from);
    }
  }
}
