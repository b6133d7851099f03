package org.annoyspark.index;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.annoyspark.format.NodeLayout;

/**
 * Subtrees that threads grow ahead of their writing, each in memory and as if it were the first of
 * its file; one thread takes them in the order in which they stand in their trees.
 */
final class SubtreesAhead implements Subtrees {

  /** Enough for the threads to be busy while one subtree that takes long is waited for. */
  private static final int AHEAD_PER_THREAD = 4;

  private final Workers workers;
  private final NodeLayout layout;
  private final int items;
  private final Supplier<SubtreeBuilder> newBuilder;
  private final Iterator<Planned> rest;
  private final Queue<Ahead> ahead = new ArrayDeque<>();

  /** Scratch memory that no thread uses at the moment. */
  private final Queue<SubtreeBuilder> idle = new ConcurrentLinkedQueue<>();

  /** A region whose subtree is to be grown. */
  record Planned(Region region, int[] order, boolean isRoot) {}

  /**
   * @param root as {@link TreeNodes#appendSubtree} takes it
   */
  private record Grown(byte[] nodes, int root) {}

  private record Ahead(Region region, Future<Grown> grown) {}

  /**
   * @param subtrees all, in the order of {@link #write}
   * @param newBuilder called once for each thread
   */
  SubtreesAhead(
      Workers workers,
      NodeLayout layout,
      int items,
      Iterator<Planned> subtrees,
      Supplier<SubtreeBuilder> newBuilder) {
    this.workers = workers;
    this.layout = layout;
    this.items = items;
    this.rest = subtrees;
    this.newBuilder = newBuilder;
  }

  /**
   * @throws IllegalStateException if it is not the turn of that region
   */
  @Override
  public int write(Region region, int[] order, boolean isRoot, TreeNodes nodes) throws IOException {
    growMore();
    Ahead next = ahead.remove();
    if (next.region() != region) {
      throw new IllegalStateException("trees: expected to be written in the order of their list");
    }
    Grown grown = workers.await(next.grown());
    growMore();
    return nodes.appendSubtree(grown.nodes(), grown.root());
  }

  private void growMore() {
    while (ahead.size() < workers.threads() * AHEAD_PER_THREAD && rest.hasNext()) {
      Planned subtree = rest.next();
      ahead.add(new Ahead(subtree.region(), workers.submit(() -> grow(subtree))));
    }
  }

  private Grown grow(Planned subtree) throws IOException {
    SubtreeBuilder builder = idle.poll();
    if (builder == null) {
      builder = newBuilder.get();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TreeNodes nodes =
        new TreeNodes(layout, items, node -> bytes.write(node.array(), 0, node.limit()));
    int root = builder.write(subtree.region(), subtree.order(), subtree.isRoot(), nodes);
    idle.add(builder);
    return new Grown(bytes.toByteArray(), root);
  }
}
