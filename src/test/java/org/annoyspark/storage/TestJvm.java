package org.annoyspark.storage;

/** Which of the JVMs that run tests side by side this one is. */
public final class TestJvm {

  /** From 1. */
  public static final int NUMBER = number(System.getProperty("test-jvm", ""));

  private TestJvm() {}

  /** In a text, for Maven would take the number alone for a property of its own, and has none. */
  private static int number(String text) {
    String digits = text.replaceAll("\\D", "");
    return digits.isEmpty() ? 1 : Integer.parseInt(digits);
  }
}
