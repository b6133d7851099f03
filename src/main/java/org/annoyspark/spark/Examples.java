package org.annoyspark.spark;

import java.io.Serializable;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** How often a fault occurs, and the smallest few ids that have it, whatever the order of rows. */
final class Examples implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int MOST = 3;

  private final TreeSet<Object> ids = new TreeSet<>();
  private long count;

  void add(Object id) {
    count++;
    if (id != null) {
      keep(id);
    }
  }

  void add(Examples other) {
    count += other.count;
    other.ids.forEach(this::keep);
  }

  private void keep(Object id) {
    ids.add(id);
    if (ids.size() > MOST) {
      ids.pollLast();
    }
  }

  long count() {
    return count;
  }

  /** For the end of a message: {@code (ids 'a', 'b', …)}. */
  String inWords() {
    if (ids.isEmpty()) {
      return "";
    }
    String more = count > ids.size() ? ", …" : "";
    return ids.stream()
        .map(id -> id instanceof String ? "'" + id + "'" : id.toString())
        .collect(Collectors.joining(", ", ids.size() == 1 ? " (id " : " (ids ", more + ")"));
  }
}
