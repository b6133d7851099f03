package org.annoyspark.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.annoyspark.spark.TestSpark;

/** A command of {@code jobs/annoy-spark}, to be run as users run it: in a process of its own. */
final class Submit {

  private static final Path LAUNCHER = Path.of("jobs", "annoy-spark").toAbsolutePath();
  private static final Path LOGS = ClusterExtension.DIRECTORY.resolve("submits");
  private static final AtomicInteger COUNT = new AtomicInteger();

  /**
   * What the optimizing compiler takes, JVMs of a minute never earn; and without it the scalar
   * kernels are by far the faster ones.
   */
  private static final String SHORT_LIFE = " -XX:TieredStopAtLevel=1 -Dannoyspark.simd=false";

  private static final String EMBEDDED_OPTIONS = "-XX:+UseSerialGC";

  static {
    try {
      ChildProcess.deleteTree(LOGS);
      Files.createDirectories(LOGS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final String name;
  private final List<String> command = new ArrayList<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private String jvmOptions = EMBEDDED_OPTIONS;

  private Submit(String... arguments) {
    name = arguments[0];
    command.add(LAUNCHER.toString());
    command.addAll(List.of(arguments));
  }

  /** A command in the embedded Spark of two cores, as on a machine that has no other. */
  static Submit embedded(String... arguments) {
    Submit submit = new Submit(arguments);
    submit.environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    return submit
        .with("--master", "local[2]")
        .conf("spark.driver.extraJavaOptions", EMBEDDED_OPTIONS + SHORT_LIFE);
  }

  /** A command through {@code spark-submit}, on a cluster. */
  static Submit to(StandaloneCluster cluster, String... arguments) {
    return submit(cluster.home(), cluster.master(), arguments);
  }

  /** A command through {@code spark-submit}, whose driver is the only executor. */
  static Submit local(SparkHome home, String... arguments) {
    return submit(home, "local[2]", arguments);
  }

  /** A command through {@code spark-submit}, that starts two executors of its own beside it. */
  static Submit withExecutors(SparkHome home, String... arguments) {
    return submit(home, "local-cluster[2,1,1024]", arguments);
  }

  private static Submit submit(SparkHome home, String master, String... arguments) {
    Submit submit = new Submit(arguments);
    submit.environment.putAll(home.environment());
    submit.jvmOptions = home.jvmOptions();
    String options = submit.jvmOptions + SHORT_LIFE;
    return submit
        .with("--master", master)
        .conf("spark.ui.enabled", "false")
        .conf("spark.driver.extraJavaOptions", options)
        .conf("spark.executor.extraJavaOptions", options);
  }

  /** Runs the command by another one. */
  Submit within(List<String> outer) {
    command.addAll(0, outer);
    return this;
  }

  Submit environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Submit with(String... arguments) {
    command.addAll(List.of(arguments));
    return this;
  }

  /** A setting of Spark. */
  Submit conf(String key, String value) {
    return with("--conf", key + "=" + value);
  }

  /** What it takes to reach a file system. */
  Submit on(Store store) {
    store.settings().forEach((key, value) -> conf("spark.hadoop." + key, value));
    return this;
  }

  /** JVMs as users have them: with SIMD kernels, and all compilers. */
  Submit simdKernels() {
    // Of a key that is given twice, the last value counts.
    return conf("spark.driver.extraJavaOptions", jvmOptions)
        .conf("spark.executor.extraJavaOptions", jvmOptions);
  }

  /**
   * Has a build load the classes of Spark and Hadoop and write them down as a JVM holds them, for
   * all JVMs of this installation to come. To read and check them took a third of the CPU time of a
   * short build's driver.
   */
  static void archiveClasses(SparkHome home) throws Exception {
    Path index = Files.createTempDirectory(home.temporary(), "archived");
    local(home, "build", "--input", TestSpark.WORDS.toString(), "--output", index.toString())
        .with("--trees", "1")
        .conf(
            "spark.driver.extraJavaOptions",
            home.jvmOptions() + SHORT_LIFE + " -XX:ArchiveClassesAtExit=" + home.classArchive())
        .run();
    ChildProcess.deleteTree(index);
  }

  /** Starts it. */
  Running start() throws IOException {
    Path log = LOGS.resolve(String.format("%02d-%s", COUNT.incrementAndGet(), name));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("SPARK_HOME");
    builder.environment().putAll(environment);
    Path out = Path.of(log + ".out");
    builder.redirectOutput(out.toFile());
    return new Running(ChildProcess.start(builder, Path.of(log + ".err")), out);
  }

  /** Runs it to its end, which has to be a good one, and returns its standard output. */
  String run() throws Exception {
    try (Running running = start()) {
      running.awaitSuccess();
      return running.out();
    }
  }

  /** A command that has been started. */
  static final class Running implements AutoCloseable {

    private static final Duration LONGEST = Duration.ofMinutes(4);

    private final ChildProcess process;
    private final Path out;

    private Running(ChildProcess process, Path out) {
      this.process = process;
      this.out = out;
    }

    /** What it has printed so far. */
    String out() throws IOException {
      return Files.readString(out);
    }

    boolean isAlive() {
      return process.isAlive();
    }

    /** Of the driver: the launcher has become its JVM, by {@code exec}. */
    long pid() {
      return process.pid();
    }

    /** What it has logged so far. */
    String err() throws IOException {
      return Files.readString(process.log());
    }

    /** Waits for a condition, which has to come about before the command ends. */
    void await(String what, Await.Condition condition) throws Exception {
      Await.until(
          what,
          LONGEST,
          () -> {
            boolean alive = process.isAlive();
            if (condition.holds()) {
              return true;
            }
            if (!alive) {
              throw new AssertionError(what + ": expected before the command ended: " + this);
            }
            return false;
          });
    }

    /** Waits until it has printed a line that holds the text. */
    void awaitOutput(String text) throws Exception {
      await("output '" + text + "'", () -> out().contains(text));
    }

    /** Waits for its end and returns its exit code. */
    int awaitExit() throws Exception {
      return awaitExit(LONGEST);
    }

    int awaitExit(Duration longest) throws Exception {
      Await.until("end of the command", longest, () -> !process.isAlive());
      return process.exitCode();
    }

    void awaitSuccess() throws Exception {
      int exitCode = awaitExit();
      if (exitCode != 0) {
        throw new AssertionError("expected exit code 0, found " + exitCode + ": " + this);
      }
    }

    /** Kills the driver. */
    void kill() {
      process.kill();
    }

    @Override
    public void close() {
      if (process.isAlive()) {
        process.kill();
      }
    }

    @Override
    public String toString() {
      try {
        String log = err();
        String end = log.substring(Math.max(0, log.length() - 4000));
        return "see " + process.log() + "\n" + out() + "\n" + end;
      } catch (IOException e) {
        return e.toString();
      }
    }
  }
}
