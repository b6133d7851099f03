package org.annoyspark.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build, from a resource that Maven fills in. */
public final class Version {

  public static final String NAME = read();

  private Version() {}

  private static String read() {
    try (InputStream in = Version.class.getResourceAsStream("/annoy-spark.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
