package org.annoyspark.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Transfers that run at once, as one stream of an object store is slower than a network. */
final class ParallelCalls {

  private static final int STREAMS = 8;

  private ParallelCalls() {}

  /**
   * Runs all. When one fails, the others are interrupted, but may go on for a while.
   *
   * @param calls one or more
   * @param what they do: what is interrupted, if this thread is
   * @throws IOException what the first that failed has thrown
   */
  static void run(List<Callable<Void>> calls, String what) throws IOException {
    ExecutorService streams = Executors.newFixedThreadPool(Math.min(STREAMS, calls.size()));
    try {
      ExecutorCompletionService<Void> running = new ExecutorCompletionService<>(streams);
      calls.forEach(running::submit);
      for (int i = 0; i < calls.size(); i++) {
        running.take().get();
      }
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(what + ": interrupted while it was fetched");
    } finally {
      // The others have nothing to do any more.
      streams.shutdownNow();
    }
  }

  private static IOException rethrown(Throwable cause) {
    if (cause instanceof RuntimeException runtime) {
      throw runtime;
    }
    return cause instanceof IOException io ? io : new IOException(cause);
  }
}
