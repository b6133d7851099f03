package org.annoyspark.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Which piece of the item nodes an id belongs to: the same ranges of items however the input was
 * partitioned. An id's item follows from the ids before it in its piece, so that no row need be
 * told its number.
 */
final class ItemPieces extends Partitioner {

  private static final long serialVersionUID = 1L;

  private final int items;
  private final int pieceNodes;
  private final boolean isMapped;
  private final byte[][] firstKeys;

  private ItemPieces(int items, int pieceNodes, boolean isMapped, byte[][] firstKeys) {
    this.items = items;
    this.pieceNodes = pieceNodes;
    this.isMapped = isMapped;
    this.firstKeys = firstKeys;
  }

  /** Of ids that are the item numbers. */
  static ItemPieces ofNumbers(int items, int pieceNodes) {
    byte[][] firstKeys = new byte[(items - 1) / pieceNodes + 1][];
    for (int piece = 0; piece < firstKeys.length; piece++) {
      firstKeys[piece] = IdKey.of(piece * pieceNodes);
    }
    return new ItemPieces(items, pieceNodes, false, firstKeys);
  }

  /** Of ids that are numbered in their order. */
  static ItemPieces ofSorted(SortedIds ids, int items, int pieceNodes) {
    byte[][] firstKeys =
        ids.mapParts((part, column, position) -> firstKeys(part, column, position, pieceNodes))
            .collect()
            .toArray(byte[][]::new);
    if (firstKeys.length != (items - 1) / pieceNodes + 1) {
      throw InputCheck.otherIds();
    }
    return new ItemPieces(items, pieceNodes, true, firstKeys);
  }

  private static Iterator<byte[]> firstKeys(
      Iterator<InternalRow> ids, IdColumn column, long position, int pieceNodes) {
    List<byte[]> keys = new ArrayList<>();
    for (long item = position; ids.hasNext(); item++) {
      InternalRow row = ids.next();
      if (item % pieceNodes == 0) {
        keys.add(column.readKey(row));
      }
    }
    return keys.iterator();
  }

  int pieceNodes() {
    return pieceNodes;
  }

  int items() {
    return items;
  }

  int firstItem(int piece) {
    return piece * pieceNodes;
  }

  /** Past the last one. */
  int endItem(int piece) {
    return (int) Math.min((piece + 1L) * pieceNodes, items);
  }

  /** Whether an id can be of that piece; false for some that were not there when it was checked. */
  boolean has(int piece, byte[] key) {
    if (isMapped) {
      return true;
    }
    int item = IdKey.toInt(key);
    return item >= firstItem(piece) && item < endItem(piece);
  }

  /**
   * The item of the next id of a piece.
   *
   * @param next what it is unless the ids are the numbers
   */
  int item(byte[] key, int next) {
    return isMapped ? next : IdKey.toInt(key);
  }

  @Override
  public int numPartitions() {
    return firstKeys.length;
  }

  @Override
  public int getPartition(Object key) {
    int found = Arrays.binarySearch(firstKeys, (byte[]) key, Arrays::compareUnsigned);
    return found >= 0 ? found : Math.max(0, -found - 2);
  }
}
