package org.annoyspark.vector;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Chooses the kernels once for the JVM and logs the choice. The Vector API is used where its module
 * was added to the JVM; {@code -Dannoyspark.simd=false} turns it off.
 */
final class VectorizationProvider {

  static final String SIMD_PROPERTY = "annoyspark.simd";
  private static final String MODULE = "jdk.incubator.vector";
  private static final Logger LOG = System.getLogger(VectorizationProvider.class.getName());

  private VectorizationProvider() {}

  static VectorUtilSupport choose() {
    if (!Boolean.parseBoolean(System.getProperty(SIMD_PROPERTY, "true"))) {
      LOG.log(Level.INFO, "Vector kernels: scalar; drop -D{0}=false to use SIMD", SIMD_PROPERTY);
      return new DefaultVectorUtilSupport();
    }
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      LOG.log(
          Level.WARNING,
          "Vector kernels: scalar; add --add-modules={0} to the JVM options of driver and executors"
              + " to use SIMD (same results, faster)",
          MODULE);
      return new DefaultVectorUtilSupport();
    }
    VectorUtilSupport panama = new PanamaVectorUtilSupport();
    LOG.log(
        Level.INFO,
        "Vector kernels: {0}; -D{1}=false turns SIMD off (same results, slower)",
        panama.description(),
        SIMD_PROPERTY);
    return panama;
  }
}
