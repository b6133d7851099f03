package org.annoyspark.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/** A real S3 API server in a process of its own, on the loopback address, with one bucket. */
public final class S3Server implements AutoCloseable {

  public static final String BUCKET = "bkt";
  private static final long MOST_START_SECONDS = 120;

  private final Process process;
  private final int port;

  private S3Server(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts it and waits until it answers. */
  public static S3Server start(Path log) throws IOException {
    Files.createDirectories(log.toAbsolutePath().getParent());
    int port = FreePort.next();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                // It is warm only when the tests are through.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-jar",
                Path.of("target", "s3-server", "s3mock.jar").toString(),
                "--server.address=127.0.0.1",
                "--http.port=" + port,
                "--server.port=" + FreePort.next(),
                "--com.adobe.testing.s3mock.store.initialBuckets=" + BUCKET)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    S3Server server = new S3Server(process, port);
    server.awaitStart(log);
    return server;
  }

  private void awaitStart(Path log) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_START_SECONDS);
    // Not somebody else's server, on a port that this one then did not get.
    while (!accepts() || !process.isAlive()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        close();
        throw new UncheckedIOException(new IOException("the S3 server did not start: see " + log));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  /** Keys of uploads in parts that are neither complete nor aborted, as the server tells them. */
  List<String> openUploads(String prefix) throws IOException, InterruptedException {
    return elements("Key", get("?uploads")).stream()
        .filter(key -> key.startsWith(prefix))
        .sorted()
        .toList();
  }

  /** How many parts have been put to open uploads. */
  public int uploadedParts() throws IOException, InterruptedException {
    String uploads = get("?uploads");
    List<String> keys = elements("Key", uploads);
    List<String> ids = elements("UploadId", uploads);
    int parts = 0;
    for (int i = 0; i < keys.size(); i++) {
      parts += elements("PartNumber", get("/" + keys.get(i) + "?uploadId=" + ids.get(i))).size();
    }
    return parts;
  }

  /** What the server answers, of whatever SDK the S3A of the tests is. */
  private String get(String pathInBucket) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + "/" + BUCKET + pathInBucket);
    HttpRequest request = HttpRequest.newBuilder(uri).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static List<String> elements(String name, String xml) {
    return Pattern.compile("<" + name + ">([^<]*)</" + name + ">")
        .matcher(xml)
        .results()
        .map(element -> element.group(1))
        .toList();
  }

  /** Settings for s3a: paths of this server's bucket. */
  public Map<String, String> settings() {
    return settings(port);
  }

  /**
   * The same through somebody who stands in front of it.
   *
   * @param frontPort where he listens
   */
  public static Map<String, String> settings(int frontPort) {
    return Map.of(
        // Hadoop 3.5 otherwise reads by another stream, which waits for ever.
        "fs.s3a.input.stream.type",
        "classic",
        "fs.s3a.endpoint",
        "http://127.0.0.1:" + frontPort,
        "fs.s3a.endpoint.region",
        "us-east-1",
        "fs.s3a.path.style.access",
        "true",
        "fs.s3a.connection.ssl.enabled",
        "false",
        "fs.s3a.access.key",
        "test",
        "fs.s3a.secret.key",
        "test",
        "fs.s3a.aws.credentials.provider",
        "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
        "fs.s3a.bucket.probe",
        "0");
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
