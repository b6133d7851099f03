package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A disk of a few MB, which only one command and its children see. */
final class SmallDisk {

  /** Where it is mounted: a directory that every Linux has. */
  static final String PATH = "/mnt";

  private SmallDisk() {}

  /**
   * Skips the running test where the system lets nobody mount; fails it if {@code CI=true} is in
   * the environment.
   */
  static void require() throws IOException, InterruptedException {
    Path log = Files.createTempFile("unshare", ".log");
    int exitCode =
        new ProcessBuilder(command("1m").toArray(String[]::new)) //
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    String told = Files.readString(log);
    Files.delete(log);
    if (exitCode != 0) {
      String missing = "no disk can be mounted here: " + told;
      if ("true".equals(System.getenv("CI"))) {
        fail(missing);
      }
      Assumptions.abort(missing);
    }
  }

  /**
   * What goes before a command; afterwards it prints how many files are left.
   *
   * @param size as for mount
   */
  static List<String> command(String size) {
    String script =
        "mount -t tmpfs -o size="
            + size
            + " tmpfs "
            + PATH
            + " && { \"$@\"; code=$?; echo left on the disk: $(ls -A "
            + PATH
            + " | wc -l); exit $code; }";
    return List.of("unshare", "--map-root-user", "--mount", "bash", "-c", script, "-");
  }
}
