package org.annoyspark.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what other processes do. */
final class Await {

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private Await() {}

  interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Returns as soon as the condition holds.
   *
   * @param what is awaited, for the message
   * @throws AssertionError if it does not within the limit
   */
  static void until(String what, Duration limit, Condition condition) throws Exception {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(what + ": expected within " + limit.toSeconds() + " s");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
