package org.annoyspark.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;
import org.annoyspark.format.MappedBytes;

/**
 * Ids in a mapped {@link IdTableFile}. They are in their own order (numbers by value, strings by
 * their UTF-8 bytes), so the way back is a binary search in the same file.
 */
final class MappedIdTable extends IdTable {

  private final MappedBytes bytes;
  private final int items;
  private final String type;

  private MappedIdTable(MappedBytes bytes, int items, String type) {
    this.bytes = bytes;
    this.items = items;
    this.type = type;
  }

  /**
   * @param file whole and undamaged
   * @param type int, long or string
   */
  static MappedIdTable open(Path file, int items, String type) throws IOException {
    return new MappedIdTable(MappedBytes.open(file), items, type);
  }

  @Override
  public String type() {
    return type;
  }

  @Override
  public long number(int item) {
    return word(Objects.checkIndex(item, items));
  }

  @Override
  public byte[] text(int item) {
    Objects.checkIndex(item, items);
    long from = textStart(item);
    byte[] text = new byte[(int) (textStart(item + 1) - from)];
    bytes.read(from, text);
    return text;
  }

  @Override
  public OptionalInt item(Object id) {
    if (type.equals("string")) {
      byte[] wanted = id.toString().getBytes(StandardCharsets.UTF_8);
      return search(item -> bytes.compare(textStart(item), textStart(item + 1), wanted));
    }
    try {
      long wanted = Long.parseLong(id.toString());
      return search(item -> Long.compare(word(item), wanted));
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }

  /**
   * @param order of an item's id and the wanted one
   */
  private OptionalInt search(IntUnaryOperator order) {
    int low = 0;
    int high = items - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int found = order.applyAsInt(middle);
      if (found == 0) {
        return OptionalInt.of(middle);
      }
      if (found < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return OptionalInt.empty();
  }

  /** The number that is an item's id, or tells where its text ends. */
  private long word(int item) {
    return bytes.readLong(IdTableFile.numberOffsetBytes(item));
  }

  /** Where an item's string starts in the file: where that of the item before ends. */
  private long textStart(int item) {
    return IdTableFile.textOffsetBytes(items) + (item == 0 ? 0 : word(item - 1));
  }
}
