package org.annoyspark.metric;

import org.annoyspark.format.NodeStore;

/** Items' rows gathered side by side in slots, in the form that a metric splits them by. */
public interface Rows {

  /** Copies an item to a slot. */
  void load(NodeStore items, int item, int slot);
}
