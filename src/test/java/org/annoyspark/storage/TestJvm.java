package org.annoyspark.storage;

/** Which of the JVMs that run tests side by side this one is. */
public final class TestJvm {

  /** From 1. Maven would take the number alone for a property of its own, which it has not. */
  public static final int NUMBER =
      Integer.parseInt(System.getProperty("test-jvm", "number 1").replaceFirst("number ", ""));

  private TestJvm() {}
}
