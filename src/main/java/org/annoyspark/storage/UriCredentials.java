package org.annoyspark.storage;

import java.util.regex.Pattern;

/**
 * Credentials that stand in a URI: {@code s3a://KEY:SECRET@bucket}. Hadoop no longer takes them,
 * and logs them in full when it says so; messages, metadata and Spark's UI would show them too.
 */
final class UriCredentials {

  /**
   * A password before the host, or anything before a bucket. A secret key may hold slashes, which
   * end what a parser takes for the host; a user's name alone, as of {@code
   * abfs://container@account}, is none.
   */
  private static final Pattern CREDENTIALS =
      Pattern.compile(
          "\\s*(s3[an]?://([^/]*@|[^/]*:.*@)|[^:/]+://[^/@]*:[^/]*@).*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private UriCredentials() {}

  /**
   * To be called before Hadoop sees the URI.
   *
   * @param what output, input, index, or a setting
   * @throws IllegalArgumentException if it holds credentials; the message does not
   */
  static void refuse(String what, String uri) {
    if (CREDENTIALS.matcher(uri).matches()) {
      throw new IllegalArgumentException(
          what
              + " "
              + hide(uri)
              + ": expected no credentials in the URI; they belong in Hadoop's configuration, such as"
              + " fs.s3a.access.key and fs.s3a.secret.key, or in a credential store that"
              + " hadoop.security.credential.provider.path names");
    }
  }

  /** The URI without its credentials, if it has any. */
  static String hide(String uri) {
    // Up to the last @, so that a secret with one is not shown by halves.
    return CREDENTIALS.matcher(uri).matches() ? uri.replaceFirst("(?s)://.*@", "://…@") : uri;
  }
}
