package org.annoyspark.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.annoyspark.storage.FreePort;

/** A standalone Spark cluster: a master and two workers of one core each, all JVMs of their own. */
final class StandaloneCluster implements AutoCloseable {

  /**
   * Two names of one machine. Spark takes them for two hosts, and runs no speculative copy of a
   * task on the host of the first.
   */
  private static final List<String> HOSTS = List.of("127.0.0.1", "localhost");

  private static final Duration MOST_START = Duration.ofSeconds(120);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SparkHome home;
  private final Path directory;
  private final boolean pinned;
  private final int masterPort = FreePort.next();
  private final int masterWebPort = FreePort.next();
  private final ChildProcess master;
  private final List<Worker> workers = new ArrayList<>();
  private int workersStarted;

  private StandaloneCluster(SparkHome home, Path directory, boolean pinned) throws IOException {
    this.home = home;
    this.directory = directory;
    this.pinned = pinned;
    List<String> arguments =
        List.of(
            "--host",
            "127.0.0.1",
            "--port",
            Integer.toString(masterPort),
            "--webui-port",
            Integer.toString(masterWebPort));
    this.master =
        ChildProcess.start(
            home.daemon("256m", "org.apache.spark.deploy.master.Master", arguments),
            directory.resolve("master.log"));
  }

  /** Starts it and waits until both workers are alive. */
  static StandaloneCluster start(SparkHome home, Path directory) throws Exception {
    return start(home, directory, false);
  }

  /**
   * The same, but each worker and its executors run on a core of their own, as if it were their
   * whole machine: an executor's compiler and collector threads take their share of its core rather
   * than another core for nothing.
   */
  static StandaloneCluster startPinned(SparkHome home, Path directory) throws Exception {
    return start(home, directory, true);
  }

  private static StandaloneCluster start(SparkHome home, Path directory, boolean pinned)
      throws Exception {
    ChildProcess.deleteTree(directory);
    StandaloneCluster cluster = new StandaloneCluster(home, directory, pinned);
    try {
      cluster.restore();
    } catch (Throwable e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  SparkHome home() {
    return home;
  }

  /** The URL for {@code --master}. */
  String master() {
    return "spark://127.0.0.1:" + masterPort;
  }

  /** The workers that have not been killed. */
  List<Worker> workers() {
    return List.copyOf(workers);
  }

  /** What executors have logged so far, of all jobs. */
  String executorLogs() throws IOException {
    StringBuilder logs = new StringBuilder();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(f -> f.endsWith("stderr")).toList()) {
        logs.append(Files.readString(file));
      }
    }
    return logs.toString();
  }

  /** Starts a worker for each that has been killed, and waits until all are alive. */
  void restore() throws Exception {
    for (String host : HOSTS) {
      if (workers.stream().noneMatch(worker -> worker.host.equals(host))) {
        workers.add(startWorker(host));
      }
    }
    Await.until(HOSTS.size() + " workers alive at " + master(), MOST_START, this::allAlive);
  }

  private Worker startWorker(String host) throws IOException {
    int port = FreePort.next();
    String name = "worker-" + ++workersStarted;
    List<String> arguments =
        List.of(
            "--host",
            host,
            "--port",
            Integer.toString(port),
            "--webui-port",
            "0",
            "-c",
            "1",
            "-m",
            "1g",
            "-d",
            directory.resolve(name).toAbsolutePath().toString(),
            master());
    ProcessBuilder daemon = home.daemon("256m", "org.apache.spark.deploy.worker.Worker", arguments);
    if (pinned) {
      daemon.command().addAll(0, List.of("taskset", "-c", Integer.toString(HOSTS.indexOf(host))));
    }
    return new Worker(host, port, ChildProcess.start(daemon, directory.resolve(name + ".log")));
  }

  private boolean allAlive() throws IOException {
    master.checkRuns();
    for (Worker worker : workers) {
      worker.process.checkRuns();
    }
    Set<Integer> alive = new HashSet<>();
    try {
      URI status = URI.create("http://127.0.0.1:" + masterWebPort + "/json/");
      for (JsonNode worker : JSON.readTree(status.toURL()).path("workers")) {
        if (worker.path("state").asText().equals("ALIVE")) {
          alive.add(worker.path("port").asInt());
        }
      }
    } catch (IOException e) {
      // Nobody listens yet, or not yet to this page.
      return false;
    }
    return workers.stream().allMatch(worker -> alive.contains(worker.port));
  }

  /** A worker and the executors that it started. */
  final class Worker {

    private final String host;
    private final int port;
    private final ChildProcess process;

    private Worker(String host, int port, ChildProcess process) {
      this.host = host;
      this.port = port;
      this.process = process;
    }

    /** Ends it and its executors, as if their machine had lost power. */
    void kill() {
      workers.remove(this);
      process.kill();
    }

    /** Stops its executors' clocks: connections stay open, and nobody answers. */
    void pauseExecutors() throws Exception {
      signalExecutors("STOP");
    }

    /** Lets paused executors go on. */
    void resumeExecutors() throws Exception {
      signalExecutors("CONT");
    }

    private void signalExecutors(String signal) throws IOException, InterruptedException {
      List<ProcessHandle> executors = process.children();
      if (executors.isEmpty()) {
        throw new IllegalStateException("expected an executor, found none: see " + process.log());
      }
      for (ProcessHandle executor : executors) {
        String pid = Long.toString(executor.pid());
        int status = new ProcessBuilder("kill", "-" + signal, pid).start().waitFor();
        if (status != 0) {
          throw new IOException("kill -" + signal + " " + pid + " ended with " + status);
        }
      }
    }
  }

  @Override
  public void close() {
    workers.forEach(worker -> worker.process.close());
    master.close();
  }
}
