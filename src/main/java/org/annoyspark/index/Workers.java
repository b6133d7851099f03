package org.annoyspark.index;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/**
 * The threads that a {@link ForestBuilder} may use. How many there are changes no byte. To be
 * closed when the trees are written, or are not wanted any more.
 */
public final class Workers implements AutoCloseable {

  /** The caller's own thread. */
  public static final Workers ONE = new Workers(1);

  private final int threads;

  /** Null if there is one thread, the caller's own. */
  private final ExecutorService pool;

  /**
   * @param threads at least 1; with 1, the caller's own thread does all the work
   */
  public Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected 1 or more, found " + threads);
    }
    this.threads = threads;
    this.pool = threads == 1 ? null : Executors.newFixedThreadPool(threads, Workers::daemon);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "annoy-spark-forest");
    thread.setDaemon(true);
    return thread;
  }

  int threads() {
    return threads;
  }

  /**
   * Gives each thread a part of some work, and waits for all.
   *
   * @param work is told the number of the part: from 0 to {@code threads() - 1}
   */
  void share(IntConsumer work) {
    if (threads == 1) {
      work.accept(0);
      return;
    }
    List<Future<?>> parts = new ArrayList<>();
    for (int part = 0; part < threads; part++) {
      int number = part;
      parts.add(pool.submit(() -> work.accept(number)));
    }
    parts.forEach(this::await);
  }

  /** Has a thread do it; only where there are several. */
  <T> Future<T> submit(Callable<T> work) {
    return pool.submit(work);
  }

  /** Waits for what was submitted; throws what it has thrown. */
  <T> T await(Future<T> work) {
    try {
      return work.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("interrupted while trees grow"));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.shutdownNow();
    }
  }
}
