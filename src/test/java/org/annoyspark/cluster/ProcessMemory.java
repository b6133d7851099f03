package org.annoyspark.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Physical memory of a process, as Linux tells it.
 *
 * @param residentBytes what it has touched and still has
 * @param privateBytes the part of it that no other process has
 * @param proportionalBytes the same, but what n processes share counts for an nth in each
 */
record ProcessMemory(long residentBytes, long privateBytes, long proportionalBytes) {

  /** Of all that a process has. */
  static ProcessMemory of(ChildProcess process) throws IOException {
    return sum(Files.readAllLines(path(process, "smaps_rollup")));
  }

  /** Of the part that is a mapping of that file. */
  static ProcessMemory of(ChildProcess process, Path file) throws IOException {
    List<String> lines = Files.readAllLines(path(process, "smaps"));
    ProcessMemory memory = new ProcessMemory(0, 0, 0);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).endsWith(" " + file)) {
        int end = i + 1;
        while (!lines.get(end).startsWith("VmFlags:")) {
          end++;
        }
        memory = memory.plus(sum(lines.subList(i, end)));
      }
    }
    return memory;
  }

  private static Path path(ChildProcess process, String name) {
    return Path.of("/proc", Long.toString(process.pid()), name);
  }

  private static ProcessMemory sum(List<String> lines) {
    return new ProcessMemory(
        bytes(lines, "Rss:"),
        bytes(lines, "Private_Clean:") + bytes(lines, "Private_Dirty:"),
        bytes(lines, "Pss:"));
  }

  /** Lines are like {@code Rss: 1044 kB}. */
  private static long bytes(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .sum();
  }

  ProcessMemory plus(ProcessMemory other) {
    return new ProcessMemory(
        residentBytes + other.residentBytes,
        privateBytes + other.privateBytes,
        proportionalBytes + other.proportionalBytes);
  }
}
