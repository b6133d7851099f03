package org.annoyspark.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program in a process of its own, which does not outlive this JVM. */
final class ChildProcess implements AutoCloseable {

  private static final Set<ChildProcess> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(ChildProcess::kill)));
  }

  private final Process process;
  private final Path log;

  private ChildProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it.
   *
   * @param log of standard error, and of standard output unless that is redirected elsewhere
   */
  static ChildProcess start(ProcessBuilder builder, Path log) throws IOException {
    Files.createDirectories(log.toAbsolutePath().getParent());
    builder.redirectError(log.toFile());
    if (builder.redirectOutput() == ProcessBuilder.Redirect.PIPE) {
      builder.redirectErrorStream(true).redirectOutput(log.toFile());
    }
    ChildProcess child = new ChildProcess(builder.start(), log);
    RUNNING.add(child);
    return child;
  }

  Path log() {
    return log;
  }

  long pid() {
    return process.pid();
  }

  /** Writes a line to its standard input. */
  void tell(String line) throws IOException {
    OutputStream in = process.getOutputStream();
    in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    in.flush();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Asserts that it has not ended.
   *
   * @throws AssertionError if it has
   */
  void checkRuns() {
    if (!process.isAlive()) {
      throw new AssertionError(
          "a process has ended with exit code " + process.exitValue() + ": see " + log);
    }
  }

  /** The exit code, once it has ended. */
  int exitCode() {
    return process.exitValue();
  }

  /** The processes that it started and that still run. */
  List<ProcessHandle> children() {
    return process.descendants().toList();
  }

  /** Ends it and its children as a power cut would: no shutdown hook of theirs runs. */
  void kill() {
    // The children first: they must not notice and tidy up.
    children().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
    RUNNING.remove(this);
  }

  /** Ends it in order, if it can. */
  @Override
  public void close() {
    List<ProcessHandle> children = children();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
    RUNNING.remove(this);
  }

  /** Removes a directory, following no links. */
  static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
