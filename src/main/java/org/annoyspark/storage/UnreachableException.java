package org.annoyspark.storage;

import java.io.IOException;

/** A file system failed before any work: the message names the URI, as the user gave it. */
public final class UnreachableException extends IOException {

  private static final long serialVersionUID = 1L;

  private UnreachableException(String message, Throwable cause) {
    super(message, cause);
  }

  /** What needs a file system. */
  public interface Access<T> {
    T run() throws IOException;
  }

  /**
   * Runs what needs the file system of a URI, for its own message may not tell which that was.
   *
   * @param what output, input, index
   * @throws IOException one that names the URI
   * @throws IllegalArgumentException if the URI holds credentials
   */
  public static <T> T naming(String what, String uri, Access<T> access) throws IOException {
    UriCredentials.refuse(what, uri);
    try {
      return access.run();
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains(uri)) {
        throw e;
      }
      throw new UnreachableException(
          what + " " + uri + ": " + e.getClass().getSimpleName() + ": " + message, e);
    } catch (RuntimeException e) {
      if (e.getCause() instanceof ClassNotFoundException missing) {
        throw new UnreachableException(
            what
                + " "
                + uri
                + ": the file system of this scheme is not on the class path: "
                + missing.getMessage(),
            e);
      }
      throw e;
    }
  }
}
