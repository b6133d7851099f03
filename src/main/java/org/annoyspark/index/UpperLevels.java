package org.annoyspark.index;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;

/**
 * Divides the large regions of several trees, a level of all trees in one sequential pass over the
 * items: reading a row in order costs a fraction of finding it at random. Splits are chosen, and
 * tried for balance, on samples, so that a bad one does not cost a pass. Threads share the regions
 * while splits are chosen, and the items in a pass. Used once.
 */
final class UpperLevels {

  /** If fewer than one row of that many is wanted, a pass reads only those. */
  private static final int SPARSE = 4;

  /** Some for each thread to take, for they may have unlike numbers of items that are wanted. */
  private static final int PARTS_PER_THREAD = 4;

  private final Metric metric;
  private final NodeStore store;
  private final int mostLeafItems;
  private final Workers workers;
  private final ItemPass[] passes;

  /** The first item of each part of a pass. */
  private final int[] starts;

  /** The large regions of one level. */
  private List<Routing> level = new ArrayList<>();

  /**
   * @param mostLeafItems regions of at most that many items are left alone
   */
  UpperLevels(Metric metric, NodeStore store, int mostLeafItems, Workers workers) {
    this.metric = metric;
    this.store = store;
    this.mostLeafItems = mostLeafItems;
    this.workers = workers;
    this.passes = new ItemPass[workers.threads()];
    this.starts = starts(workers.threads() == 1 ? 1 : workers.threads() * PARTS_PER_THREAD);
  }

  private int[] starts(int parts) {
    int[] starts = new int[parts];
    for (int part = 0; part < parts; part++) {
      starts[part] = (int) ((long) store.nodeCount() * part / parts);
    }
    return starts;
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
      share(level.size(), (pass, number) -> pass.choose(level.get(number)));
      level.forEach(routing -> routing.begin(starts));
      boolean isSparse =
          level.stream().mapToLong(routing -> routing.region.size()).sum()
              < store.nodeCount() / SPARSE;
      share(starts.length, (pass, part) -> run(pass, part, isSparse));
      share(level.size(), (pass, number) -> level.get(number).finish(metric));
      level = nextLevel();
    }
  }

  /** What a thread does with one of many. */
  private interface Step {
    void run(ItemPass pass, int number);
  }

  /** Each thread takes the next of {@code 0 .. count - 1} until all are done. */
  private void share(int count, Step step) {
    AtomicInteger next = new AtomicInteger();
    workers.share(
        thread -> {
          if (passes[thread] == null) {
            passes[thread] = new ItemPass(metric, store);
          }
          for (int number = next.getAndIncrement(); number < count; ) {
            step.run(passes[thread], number);
            number = next.getAndIncrement();
          }
        });
  }

  private void run(ItemPass pass, int part, boolean isSparse) {
    int end = part + 1 < starts.length ? starts[part + 1] : store.nodeCount();
    List<Routing.Part> parts = level.stream().map(routing -> routing.part(part)).toList();
    pass.run(starts[part], end, parts, isSparse);
  }

  private List<Routing> nextLevel() {
    List<Routing> nextLevel = new ArrayList<>();
    for (Routing routing : level) {
      for (Region child : routing.region.children) {
        if (child.size() > mostLeafItems) {
          nextLevel.add(new Routing(child, routing.order, routing.scratch));
        }
      }
    }
    return nextLevel;
  }
}
