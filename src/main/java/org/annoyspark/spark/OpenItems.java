package org.annoyspark.spark;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.SoftReference;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.annoyspark.format.MappedNodeStore;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.storage.PieceCopies;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The items of running builds as this JVM has them open: fetched, checked and mapped once, however
 * many tasks read them at once or one after another.
 */
final class OpenItems {

  private static final Logger LOG = System.getLogger(OpenItems.class.getName());

  /** There may be no executor left. */
  private static final long MOST_WAIT_SECONDS = 20;

  private static final Map<StagedItems, OpenItems> OPEN = new ConcurrentHashMap<>();

  /** Soft, for an executor may not learn that a build has ended. */
  private SoftReference<NodeStore> store = new SoftReference<>(null);

  private PieceCopies copies;

  private OpenItems() {}

  /** Maps the items on this host, fetching them first if they are remote. */
  static NodeStore open(StagedItems items, NodeLayout layout, Configuration conf)
      throws IOException {
    return OPEN.computeIfAbsent(items, key -> new OpenItems()).get(items, layout, conf);
  }

  private synchronized NodeStore get(StagedItems items, NodeLayout layout, Configuration conf)
      throws IOException {
    NodeStore open = store.get();
    if (open == null) {
      PieceCopies fetched = PieceCopies.fetch(items.pieces(), conf);
      try {
        open =
            MappedNodeStore.openPieces(fetched.paths(), layout, items.pieceNodes(), items.items());
      } catch (IOException | RuntimeException e) {
        fetched.close();
        throw e;
      }
      fetched.closeAfter(open);
      copies = fetched;
      store = new SoftReference<>(open);
    }
    return open;
  }

  /**
   * Removes this host's copies when the build needs them no more, unless another process does. A
   * task that goes on for a while keeps what it has mapped.
   */
  static void remove(StagedItems items, Configuration conf) {
    OpenItems open = OPEN.remove(items);
    if (open != null) {
      open.close();
    }
    PieceCopies.remove(items.pieces(), conf);
  }

  /**
   * The same on all hosts that have a slot free. What cannot be removed now goes when the cache is
   * over its size, and is no failure of the build.
   */
  static void removeEverywhere(JavaSparkContext spark, StagedItems items, TaskConf conf) {
    try {
      // Spark hands a task to each free slot before any gets a second one.
      int slots = Slots.of(spark).count();
      JavaFutureAction<Void> removal =
          spark
              .parallelize(Collections.nCopies(slots, 0), slots)
              .foreachAsync(slot -> remove(items, conf.value()));
      try {
        removal.get(MOST_WAIT_SECONDS, TimeUnit.SECONDS);
      } finally {
        removal.cancel(true);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      LOG.log(Level.WARNING, "copies of staged items may stay in caches of hosts", e);
    }
  }

  private synchronized void close() {
    if (copies != null) {
      copies.close();
    }
  }
}
