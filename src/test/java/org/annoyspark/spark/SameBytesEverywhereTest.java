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
 * Real words through the command line, on one core and in a JVM that has not been given the module
 * of SIMD. There are more of them than a tree gathers at once, so that trees have upper levels.
 */
class SameBytesEverywhereTest {

  private static final Path OPTIONS = Path.of("conf", "jvm.options");

  @TempDir Path directory;

  /** Other tests try SIMD, by registers of each length, and two cores. */
  @Test
  void neitherTheModuleOfSimdNorCoresShow() throws Exception {
    assertEquals(TestSpark.WORDS_INDEX_SHA256, build(withoutSimdModule()));
  }

  private Path withoutSimdModule() throws IOException {
    List<String> lines = Files.readAllLines(OPTIONS);
    assertTrue(lines.removeIf(line -> line.contains("jdk.incubator.vector")));
    return Files.write(directory.resolve("jvm.options"), lines);
  }

  /** Builds in a JVM of its own; returns the file's SHA-256. */
  private String build(Path options) throws IOException, InterruptedException {
    Path index = Files.createTempDirectory(directory, "index");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "@" + options,
                // What the optimizing compiler takes, a JVM of some seconds never earns.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
    command.addAll(List.of("org.annoyspark.jobs.AnnoySpark", "build"));
    command.addAll(List.of("--master", "local[1]", "--conf", "spark.ui.enabled=false"));
    command.addAll(List.of("--input", Path.of("notebooks", "data", "words.parquet").toString()));
    command.addAll(List.of("--output", index.toString(), "--trees", "3"));

    File log = directory.resolve(index.getFileName() + ".log").toFile();
    ProcessBuilder process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
    process.environment().put("CLASSPATH", TestSpark.classPath());
    int exitCode = process.start().waitFor();
    String output = Files.readString(log.toPath());
    assertEquals(0, exitCode, output);
    assertTrue(output.contains("kernels: scalar"), output);
    List<String> files =
        TestSpark.names(index).stream().filter(name -> name.endsWith(".ann")).toList();
    assertEquals(1, files.size(), output);
    return TestSpark.sha256(index.resolve(files.get(0)));
  }
}
