package org.annoyspark.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for servers that are about to be started. They are below those that Linux gives to clients,
 * and each JVM that runs tests has a range of its own, so that nobody takes one in between.
 */
public final class FreePort {

  private static final int FIRST = 20_000;
  private static final int OF_EACH_JVM = 2_000;

  /** Another build may be testing beside this one: they start apart. */
  private static final int OF_THIS_BUILD = (int) (ProcessHandle.current().pid() % 100) * 10;

  private static final AtomicInteger NEXT =
      new AtomicInteger(FIRST + OF_EACH_JVM * (TestJvm.NUMBER - 1) + OF_THIS_BUILD);

  private FreePort() {}

  /** A port of the loopback address on which nothing listens, another one at each call. */
  public static int next() {
    while (true) {
      int port = NEXT.getAndIncrement();
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Somebody listens there.
      }
    }
  }
}
