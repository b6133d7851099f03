package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class WorkersTest {

  @Test
  void thereIsAtLeastOneThread() {
    assertEquals(
        "threads: expected 1 or more, found 0",
        assertThrows(IllegalArgumentException.class, () -> new Workers(0)).getMessage());
  }

  @Test
  void threadsWorkAtTheSameTime() {
    CountDownLatch allAreThere = new CountDownLatch(3);
    ConcurrentSkipListSet<Integer> parts = new ConcurrentSkipListSet<>();
    try (Workers workers = new Workers(3)) {
      workers.share(
          part -> {
            parts.add(part);
            allAreThere.countDown();
            try {
              allAreThere.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
    }
    assertEquals(List.of(0, 1, 2), List.copyOf(parts));
  }

  @Test
  void oneThreadIsTheCallers() {
    Workers.ONE.share(part -> assertTrue(part == 0 && !Thread.currentThread().isDaemon()));
  }

  @Test
  void whatAThreadThrowsReachesTheCaller() {
    try (Workers workers = new Workers(2)) {
      RuntimeException failure = new IllegalStateException("no");
      assertSame(
          failure,
          assertThrows(
              RuntimeException.class,
              () ->
                  workers.share(
                      part -> {
                        throw failure;
                      })));
      Error error = new OutOfMemoryError("no");
      Future<Integer> failed =
          workers.submit(
              () -> {
                throw error;
              });
      assertSame(error, assertThrows(Error.class, () -> workers.await(failed)));
    }
  }

  /** As a task is that Spark kills. */
  @Test
  void anInterruptEndsTheWaiting() {
    try (Workers workers = new Workers(2)) {
      Future<Integer> endless =
          workers.submit(
              () -> {
                new CountDownLatch(1).await();
                return 1;
              });
      Thread.currentThread().interrupt();
      assertThrows(RuntimeException.class, () -> workers.await(endless));
      assertTrue(Thread.interrupted());
    }
  }
}
