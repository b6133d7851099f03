package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** What stores do that learn the number of nodes from a length. */
abstract class WholeStoreContract extends NodeStoreContract {

  /** What errors call the store. */
  abstract String name();

  private String messageFor(byte[] bytes) {
    return assertThrows(CorruptIndexException.class, () -> open(bytes, 1)).getMessage();
  }

  @Test
  void anEmptyFileIsRefused() {
    assertEquals(
        name() + ": length in bytes: expected at least one node, found 0", messageFor(new byte[0]));
  }

  @Test
  void aFractionOfANodeIsRefused() {
    assertEquals(
        name()
            + ": length in bytes: expected a multiple of the node size 32, found 97 (remainder 1);"
            + " the metric or the dimension is another, or the file is truncated",
        messageFor(new byte[3 * LAYOUT.nodeBytes() + 1]));
  }
}
