package org.annoyspark.index;

import java.util.PrimitiveIterator;

/** Items that may be found. Safe for many threads. */
public interface ItemSet {

  boolean contains(int item);

  /** How many there are. */
  long size();

  /** All of them, ascending; each call starts anew. */
  PrimitiveIterator.OfInt iterator();
}
