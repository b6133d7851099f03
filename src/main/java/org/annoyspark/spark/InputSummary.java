package org.annoyspark.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.annoyspark.metric.ItemSpread;
import org.annoyspark.vector.VectorUtil;
import org.apache.spark.sql.catalyst.InternalRow;

/** What one pass over an input finds out; parts of the input are summarised apart and added up. */
final class InputSummary implements Serializable {

  private static final long serialVersionUID = 1L;

  /** So many that the one that most vectors have is among them. */
  private static final int MOST_LENGTHS = 4096;

  private static final int MOST_LENGTHS_TOLD = 5;

  /** What a string has where its bytes were no UTF-8; or where it had it before. */
  private static final char REPLACEMENT = '\ufffd';

  private final String vectorColumn;
  private final String idColumn;
  private final Map<Integer, Examples> lengths = new TreeMap<>();
  private final Examples nullVectors = new Examples();
  private final Examples notFinite = new Examples();
  private final Examples negativeIds = new Examples();
  private long rows;
  private long nullIds;
  private boolean mayHaveOtherBytes;
  private int largestId = -1;
  private final ItemSpread spread = new ItemSpread();
  private long idHash;
  private long contentHash;

  /**
   * @param idColumn null if rows have no ids
   */
  InputSummary(String vectorColumn, String idColumn) {
    this.vectorColumn = vectorColumn;
    this.idColumn = idColumn;
  }

  /**
   * Adds a row.
   *
   * @param ids null if rows have no ids
   */
  InputSummary add(InternalRow row, VectorColumn vectors, IdColumn ids) {
    rows++;
    Object id = ids == null || row.isNullAt(ids.index()) ? null : ids.read(row);
    byte[] key = id == null ? null : ids.readKey(row);
    if (ids != null) {
      addId(id);
      idHash += key == null ? 0 : RowHash.of(key);
    }
    if (row.isNullAt(vectors.index)) {
      nullVectors.add(id);
    } else {
      float[] vector = vectors.read(row);
      addVector(vector, id);
      // A sum, for the order of rows is nothing that counts.
      contentHash += RowHash.of(key, vector);
    }
    return this;
  }

  private void addVector(float[] vector, Object id) {
    if (lengths.size() < MOST_LENGTHS || lengths.containsKey(vector.length)) {
      lengths.computeIfAbsent(vector.length, length -> new Examples()).add(id);
    }
    if (!VectorUtil.isFinite(vector)) {
      notFinite.add(id);
      return;
    }
    spread.add(vector);
  }

  private void addId(Object id) {
    if (id == null) {
      nullIds++;
    } else if (id instanceof Integer number) {
      largestId = Math.max(largestId, number);
      if (number < 0) {
        negativeIds.add(id);
      }
    } else if (id instanceof String text && text.indexOf(REPLACEMENT) >= 0) {
      mayHaveOtherBytes = true;
    }
  }

  InputSummary add(InputSummary other) {
    rows += other.rows;
    nullIds += other.nullIds;
    mayHaveOtherBytes |= other.mayHaveOtherBytes;
    nullVectors.add(other.nullVectors);
    notFinite.add(other.notFinite);
    negativeIds.add(other.negativeIds);
    other.lengths.forEach(
        (length, examples) ->
            lengths.computeIfAbsent(length, absent -> new Examples()).add(examples));
    largestId = Math.max(largestId, other.largestId);
    spread.add(other.spread);
    idHash += other.idHash;
    contentHash += other.contentHash;
    return this;
  }

  long rows() {
    return rows;
  }

  /** The largest int id, or -1. */
  int largestId() {
    return largestId;
  }

  /** Whether some string id may have been made of bytes that are no UTF-8; if not, none has. */
  boolean mayHaveOtherBytes() {
    return mayHaveOtherBytes;
  }

  /** Of the vectors that are finite. */
  ItemSpread spread() {
    return spread;
  }

  /** Of the ids alone that are not null: as {@link SortedIds#hash} has it. */
  long idHash() {
    return idHash;
  }

  /** Equal for equal rows in any order, and else different but for a chance of 2^-64. */
  long contentHash() {
    return contentHash;
  }

  /** The vectors' length; most of them have it, if not all. */
  int dimension() {
    return lengths.entrySet().stream()
        .max(Comparator.comparingLong(entry -> entry.getValue().count()))
        .map(Map.Entry::getKey)
        .orElse(0);
  }

  /**
   * All that is wrong, a sentence each.
   *
   * @param expectedDimension what vectors must have, or 0 if it is enough that they agree
   */
  List<String> faults(int expectedDimension) {
    List<String> faults = new ArrayList<>();
    if (nullIds > 0) {
      faults.add(
          "column '" + idColumn + "': expected an id in every row, found null in " + nullIds);
    }
    if (negativeIds.count() > 0) {
      faults.add(
          "column '"
              + idColumn
              + "': expected int ids of 0 or more, found "
              + negativeIds.count()
              + " negative"
              + negativeIds.inWords());
    }
    if (nullVectors.count() > 0) {
      faults.add(
          of("expected a vector in every row, found null in " + nullVectors.count(), nullVectors));
    }
    int dimension = expectedDimension > 0 ? expectedDimension : dimension();
    int[] others = {0};
    lengths.forEach(
        (length, examples) -> {
          if (length != dimension && others[0]++ < MOST_LENGTHS_TOLD) {
            faults.add(
                of(
                    "expected vectors of "
                        + (expectedDimension > 0 ? "dimension " : "one length, as most have ")
                        + dimension
                        + (expectedDimension > 0 ? ", as the index has" : "")
                        + ", found "
                        + examples.count()
                        + " of length "
                        + length,
                    examples));
          }
        });
    if (others[0] > MOST_LENGTHS_TOLD) {
      faults.add(
          "column '"
              + vectorColumn
              + "': and "
              + (others[0] - MOST_LENGTHS_TOLD)
              + " other lengths");
    }
    if (lengths.containsKey(0) && dimension == 0) {
      faults.add(of("expected vectors of length 1 or more, found empty ones", lengths.get(0)));
    }
    if (notFinite.count() > 0) {
      faults.add(
          of(
              "expected finite numbers that fit a float, found NaN, infinite, null or larger ones in "
                  + notFinite.count()
                  + (notFinite.count() == 1 ? " vector" : " vectors"),
              notFinite));
    }
    return faults;
  }

  private String of(String fault, Examples examples) {
    return "column '" + vectorColumn + "': " + fault + examples.inWords();
  }
}
