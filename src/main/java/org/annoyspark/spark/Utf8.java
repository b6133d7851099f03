package org.annoyspark.spark;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Text as bytes. */
final class Utf8 {

  private static final int ESCAPED_CHARS = "\\xFF".length();

  private Utf8() {}

  /** The text, with {@code \xFF} for each byte that is no UTF-8; empty if there is none. */
  static Optional<String> escapeOtherBytes(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(ESCAPED_CHARS * bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    if (!result.isError()) {
      return Optional.empty();
    }
    for (; result.isError(); result = decoder.decode(in, out, true)) {
      for (int i = 0; i < result.length(); i++) {
        out.put(String.format("\\x%02X", in.get()));
      }
    }
    return Optional.of(out.flip().toString());
  }
}
