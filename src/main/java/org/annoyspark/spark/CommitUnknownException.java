package org.annoyspark.spark;

import java.io.IOException;

/** The last step failed in a way that does not tell whether it took effect. */
public final class CommitUnknownException extends IOException {

  private static final long serialVersionUID = 1L;

  public CommitUnknownException(String message, Throwable cause) {
    super(message, cause);
  }
}
