package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real words through the command line, in JVMs of their own: one core or two, SIMD of the shortest
 * registers or none. There are more of them than a tree gathers at once, so that trees have upper
 * levels.
 */
class SameBytesEverywhereTest {

  private static final Path OPTIONS = Path.of("conf", "jvm.options");

  @TempDir Path directory;

  @Test
  void neitherCoresNorSimdShow() throws Exception {
    // Other tests get it on two cores, by the setting that turns SIMD off, and on a cluster by
    // registers as long as the machine has them.
    String expected = TestSpark.WORDS_INDEX_SHA256;
    assertEquals(expected, build("local[1]", shortestRegisters(), "Vector API, 128 bits"));
    assertEquals(expected, build("local[2]", withoutSimdModule(), "scalar"));
  }

  private Path shortestRegisters() throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(OPTIONS));
    lines.add("-XX:MaxVectorSize=16");
    return Files.write(directory.resolve("short.options"), lines);
  }

  private Path withoutSimdModule() throws IOException {
    List<String> lines = Files.readAllLines(OPTIONS);
    assertTrue(lines.removeIf(line -> line.contains("jdk.incubator.vector")));
    return Files.write(directory.resolve("jvm.options"), lines);
  }

  /** Builds in a JVM of its own; returns the file's SHA-256. */
  private String build(String master, Path options, String kernels)
      throws IOException, InterruptedException {
    Path index = Files.createTempDirectory(directory, "index");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "@" + options));
    if (kernels.equals("scalar")) {
      // What the optimizing compiler takes, a JVM of some seconds never earns; SIMD needs it.
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    }
    command.addAll(List.of("org.annoyspark.jobs.AnnoySpark", "build"));
    command.addAll(List.of("--master", master, "--conf", "spark.ui.enabled=false"));
    command.addAll(List.of("--input", Path.of("notebooks", "data", "words.parquet").toString()));
    command.addAll(List.of("--output", index.toString(), "--trees", "3"));

    File log = directory.resolve(index.getFileName() + ".log").toFile();
    ProcessBuilder process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
    process.environment().put("CLASSPATH", classPath());
    int exitCode = process.start().waitFor();
    String output = Files.readString(log.toPath());
    assertEquals(0, exitCode, output);
    assertTrue(output.contains("kernels: " + kernels), output);
    List<String> files =
        TestSpark.names(index).stream().filter(name -> name.endsWith(".ann")).toList();
    assertEquals(1, files.size(), output);
    return TestSpark.sha256(index.resolve(files.get(0)));
  }

  /** Surefire hides it behind a jar of its own. */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
