package org.annoyspark.spark;

/** The input cannot be built into, or asked of, an index; found before anything was written. */
public final class InvalidInputException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  public InvalidInputException(String message) {
    super(message);
  }
}
