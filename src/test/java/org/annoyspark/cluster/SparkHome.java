package org.annoyspark.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A Spark installation of links to jars that Maven has fetched: Spark's own, and what it takes to
 * reach S3, which administrators add. Nothing of annoy-spark is in it.
 */
record SparkHome(Path directory) {

  /** Where the jars of S3A and the AWS SDK lie in a Maven repository. */
  private static final List<String> S3_GROUPS =
      List.of(
          "/software/amazon/",
          "/com/amazonaws/",
          "/org/apache/hadoop/hadoop-aws/",
          "/org/apache/httpcomponents/",
          "/org/reactivestreams/",
          "/org/wildfly/openssl/");

  /** Of the embedded Spark, written when the jar is packaged, unless the tests run on another. */
  private static final Path SPARK_CLASS_PATH =
      Path.of(
          System.getProperty(
              "spark-classpath", Path.of("target", "embedded-spark.classpath").toString()));

  private static final Path SUBMIT =
      Path.of("src", "test", "resources", "spark-home", "bin", "spark-submit");

  /** Lays it out anew. */
  static SparkHome layOut(Path directory) throws IOException {
    SparkHome home = new SparkHome(directory.toAbsolutePath());
    Path jars = home.directory.resolve("jars");
    ChildProcess.deleteTree(home.directory);
    Files.createDirectories(jars);
    Files.createDirectories(home.temporary());
    for (Path jar : jars()) {
      Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
    }
    Path submit = home.directory.resolve("bin").resolve("spark-submit");
    Files.createDirectories(submit.getParent());
    Files.copy(SUBMIT, submit);
    if (!submit.toFile().setExecutable(true)) {
      throw new IOException(submit + ": cannot be made executable");
    }
    return home;
  }

  /** For what its processes put aside. */
  Path temporary() {
    return directory.resolve("tmp");
  }

  /**
   * Spark's classes as JVMs map them, once they have been written: {@link Submit#archiveClasses}.
   */
  Path classArchive() {
    return directory.resolve("classes.jsa");
  }

  /** Options of drivers and executors, which have one class path. */
  String jvmOptions() {
    String options = "-XX:+UseSerialGC -Djava.io.tmpdir=" + temporary();
    // Where an archive does not fit, the JVM says so on standard output, and does without.
    return Files.exists(classArchive())
        ? options + " -Xlog:disable -XX:SharedArchiveFile=" + classArchive()
        : options;
  }

  private static Set<Path> jars() throws IOException {
    Set<Path> jars = new TreeSet<>();
    for (String jar : classPath(Files.readString(SPARK_CLASS_PATH))) {
      if (!jar.contains("/info/picocli/")) {
        jars.add(Path.of(jar));
      }
    }
    for (String jar : classPath(System.getProperty("java.class.path"))) {
      if (S3_GROUPS.stream().anyMatch(jar::contains)) {
        jars.add(Path.of(jar));
      }
    }
    return jars;
  }

  private static List<String> classPath(String joined) {
    return List.of(joined.strip().split(File.pathSeparator, -1));
  }

  /** The jar of HDFS's daemons, which no Spark brings. */
  private static String hdfsDaemonsJar() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(jar -> jar.contains("/hadoop-client-minicluster/"))
        .findAny()
        .orElseThrow();
  }

  /**
   * A daemon of Spark or HDFS, yet to be started. It logs at INFO, to standard error.
   *
   * @param heap as for {@code -Xmx}
   */
  ProcessBuilder daemon(String heap, String mainClass, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                // What the optimizing compiler takes, they never earn.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + temporary(),
                // It would listen on a port that cannot be chosen.
                "-Dspark.master.rest.enabled=false",
                "-Dlog4j2.configurationFile=org/apache/spark/log4j2-defaults.properties",
                "-cp",
                directory.resolve("jars") + "/*" + File.pathSeparator + hdfsDaemonsJar(),
                mainClass));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment());
    return builder;
  }

  /** What Spark's programs find in their environment. */
  Map<String, String> environment() {
    return Map.of(
        "SPARK_HOME",
        directory.toString(),
        // Spark looks for a directory of that name only in installations that it knows.
        "SPARK_SCALA_VERSION",
        "2.13",
        "SPARK_LOCAL_IP",
        "127.0.0.1",
        // Processes that are killed leave their files: below target, not in /tmp.
        "SPARK_LOCAL_DIRS",
        temporary().toString(),
        "JAVA_HOME",
        System.getProperty("java.home"));
  }
}
