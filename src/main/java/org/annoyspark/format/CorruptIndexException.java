package org.annoyspark.format;

/** An index, or the metadata beside it, is not what it should be: says what, expected and found. */
public final class CorruptIndexException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param where the file, and the node if one is at fault
   * @param what the thing at fault
   * @param expected what a sound index has there
   * @param found what this one has
   */
  public CorruptIndexException(String where, String what, Object expected, Object found) {
    this(where + ": " + what + ": expected " + expected + ", found " + found);
  }

  public CorruptIndexException(String message) {
    super(message);
  }

  public CorruptIndexException(String message, Throwable cause) {
    super(message, cause);
  }
}
