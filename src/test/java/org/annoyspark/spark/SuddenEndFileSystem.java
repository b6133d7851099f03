package org.annoyspark.spark;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** The local disk, for a JVM that ends when it is about to create the n-th file of some name. */
public final class SuddenEndFileSystem extends LocalFileSystem {

  private static final String PREFIX_KEY = "fs.sudden.end.prefix";
  private static final String TURN_KEY = "fs.sudden.end.turn";
  private static final AtomicInteger CREATED = new AtomicInteger();

  /**
   * Settings, as KEY=VALUE, of a JVM that does not live to create its {@code turn}-th such file.
   */
  static List<String> settings(String prefix, int turn) {
    return List.of(
        "fs.file.impl=" + SuddenEndFileSystem.class.getName(),
        "fs.file.impl.disable.cache=true",
        PREFIX_KEY + "=" + prefix,
        TURN_KEY + "=" + turn);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public FSDataOutputStreamBuilder createFile(Path path) {
    if (path.getName().startsWith(getConf().get(PREFIX_KEY))
        && CREATED.incrementAndGet() >= getConf().getInt(TURN_KEY, 1)) {
      Runtime.getRuntime().halt(KilledBuild.EXIT_CODE);
    }
    return super.createFile(path);
  }
}
