package org.annoyspark.cluster;

import java.nio.file.Path;
import java.util.Map;
import org.annoyspark.storage.S3Server;
import org.annoyspark.storage.TestJvm;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the programs that they name as parameters: {@link StandaloneCluster}, {@link
 * HdfsDaemons}, {@link S3Server}. Each is started at its first use and serves all classes of the
 * JVM.
 */
final class ClusterExtension implements ParameterResolver {

  /** Of this JVM: tests run in several. */
  static final Path DIRECTORY = Path.of("target", "cluster-" + TestJvm.NUMBER);

  private interface Start {
    AutoCloseable start(SparkHome home) throws Exception;
  }

  private static final Map<Class<?>, Start> STARTS =
      Map.of(
          StandaloneCluster.class,
          home -> StandaloneCluster.start(home, DIRECTORY.resolve("spark")),
          HdfsDaemons.class,
          home -> HdfsDaemons.start(home, DIRECTORY.resolve("hdfs")),
          S3Server.class,
          home -> S3Server.start(DIRECTORY.resolve("s3.log")));

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return STARTS.containsKey(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    // Of the JVM's session: where tests run in several JVMs, the root is of a class.
    ExtensionContext.Store store =
        context.getStore(
            ExtensionContext.StoreScope.LAUNCHER_SESSION,
            ExtensionContext.Namespace.create(ClusterExtension.class));
    SparkHome home = store.getOrComputeIfAbsent(SparkHome.class, key -> layOut(), SparkHome.class);
    // The store closes what can be closed, after the last class.
    return store.getOrComputeIfAbsent(type, key -> start(STARTS.get(type), home));
  }

  private static SparkHome layOut() {
    try {
      SparkHome home = SparkHome.layOut(DIRECTORY.resolve("spark-home"));
      Submit.archiveClasses(home);
      return home;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static AutoCloseable start(Start start, SparkHome home) {
    try {
      return start.start(home);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
