package org.annoyspark.cluster;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Stands in front of an HTTP server and passes bytes on, until it is told to misbehave. One thread
 * for each direction of a connection.
 */
public final class FaultProxy implements AutoCloseable {

  /** What happens to connections. */
  enum Fault {
    NONE(""),
    /** Closed without a word. */
    DROPPED(""),
    INTERNAL_ERROR("500 Internal Server Error"),
    SLOW_DOWN("503 Slow Down"),
    FORBIDDEN("403 Forbidden");

    private static final Map<Fault, String> S3_CODES =
        Map.of(
            INTERNAL_ERROR,
            "InternalError",
            SLOW_DOWN,
            "SlowDown",
            FORBIDDEN,
            "InvalidAccessKeyId");

    private final String status;

    Fault(String status) {
      this.status = status;
    }

    private byte[] response() {
      String body = "<Error><Code>" + S3_CODES.get(this) + "</Code></Error>";
      return ("HTTP/1.1 "
              + status
              + "\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body)
          .getBytes(StandardCharsets.US_ASCII);
    }
  }

  private static final int LINGER_MILLIS = 2000;
  private static final long STALL_POLL_NANOS = 20_000_000;

  private final int serverPort;
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger faults = new AtomicInteger();
  private volatile Fault fault = Fault.NONE;
  private volatile boolean refusesParts;
  private final AtomicReference<String> unanswered = new AtomicReference<>();
  private final AtomicLong servedBytes = new AtomicLong();
  private volatile long mostServedBytes = Long.MAX_VALUE;

  public FaultProxy(int serverPort) throws IOException {
    this.serverPort = serverPort;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Misbehaves from now on; connections that are open are cut. */
  void begin(Fault kind) {
    fault = kind;
    open.forEach(FaultProxy::close);
  }

  /** Refuses parts of uploads from now on, and passes on everything else. */
  void refuseParts() {
    refusesParts = true;
    open.forEach(FaultProxy::close);
  }

  /**
   * Passes on the next request of that kind, and not the reply to it.
   *
   * @param kind what its head contains
   */
  public void loseReplyTo(String kind) {
    unanswered.set(kind);
    open.forEach(FaultProxy::close);
  }

  /**
   * Passes on that many bytes more from the server and then none.
   *
   * @param bytes of all connections together; each may pass a buffer more
   */
  void stallAfter(long bytes) {
    mostServedBytes = servedBytes.get() + bytes;
  }

  /** Behaves again. */
  void end() {
    mostServedBytes = Long.MAX_VALUE;
    refusesParts = false;
    fault = Fault.NONE;
  }

  /** How many connections have met a fault. */
  public int faults() {
    return faults.get();
  }

  /** How many bytes have come from the server. */
  long servedBytes() {
    return servedBytes.get();
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "fault-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        start(() -> serve(client));
      } catch (IOException e) {
        // Closed, or a client that has gone away again.
        continue;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      Fault now = fault;
      if (now == Fault.DROPPED) {
        faults.incrementAndGet();
      } else if (now != Fault.NONE) {
        readHead(client);
        answer(client, now);
      } else if (refusesParts || unanswered.get() != null) {
        serveOneRequest(client);
      } else {
        pass(client, "");
      }
    } catch (IOException e) {
      // What a client or a server sees of it is what tests are about.
      open.remove(client);
    }
  }

  private void serveOneRequest(Socket client) throws IOException {
    String head = readHead(client);
    String kind = unanswered.get();
    if (refusesParts && head.contains("partNumber=")) {
      answer(client, Fault.FORBIDDEN);
    } else if (kind != null && head.contains(kind) && unanswered.compareAndSet(kind, null)) {
      faults.incrementAndGet();
      passUnanswered(head);
    } else {
      pass(client, head.replaceFirst("(?i)\r\nConnection: [^\r]*", "\r\nConnection: close"));
    }
  }

  /** A request without a body. */
  private void passUnanswered(String head) throws IOException {
    try (Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
      server.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      int first = server.getInputStream().read();
      if (first < 0) {
        throw new EOFException("no reply to " + head);
      }
    }
  }

  /**
   * @param head what has been read from the client
   */
  private void pass(Socket client, String head) throws IOException {
    open.add(client);
    try (Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
      server.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      start(() -> copy(client, server, read -> {}));
      copy(server, client, this::serve);
    } finally {
      open.remove(client);
    }
  }

  /** Counts, and waits while no more are to be passed on. */
  private void serve(int bytes) {
    long served = servedBytes.addAndGet(bytes);
    while (served > mostServedBytes && !listener.isClosed()) {
      LockSupport.parkNanos(STALL_POLL_NANOS);
    }
  }

  private static void copy(Socket from, Socket to, IntConsumer beforePassing) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        beforePassing.accept(read);
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      close(from);
    }
    close(to);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String readHead(Socket client) throws IOException {
    InputStream in = client.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int read = in.read();
      if (read < 0) {
        throw new EOFException("no request");
      }
      head.append((char) read);
    }
    return head.toString();
  }

  /** Reads on for a while: closing at once would reset the connection before it is read. */
  private void answer(Socket client, Fault kind) throws IOException {
    faults.incrementAndGet();
    client.getOutputStream().write(kind.response());
    client.shutdownOutput();
    client.setSoTimeout(LINGER_MILLIS);
    client.getInputStream().transferTo(OutputStream.nullOutputStream());
  }

  @Override
  public void close() throws IOException {
    listener.close();
    open.forEach(FaultProxy::close);
  }
}
