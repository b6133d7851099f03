package org.annoyspark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.annoyspark.storage.IdTable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InternalNeighborsTest {

  /** Items with ids that tell them apart, strings of unlike lengths. */
  private static final class Ids extends IdTable {
    private final String type;

    Ids(String type) {
      this.type = type;
    }

    @Override
    public String type() {
      return type;
    }

    @Override
    public long number(int item) {
      return type.equals("int") ? -item : -item * 10_000_000_000L;
    }

    @Override
    public byte[] text(int item) {
      return ("é".repeat(item % 40) + item).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public OptionalInt item(Object id) {
      throw new UnsupportedOperationException();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int", "long", "string"})
  void whatIsWrittenIsReadAgain(String type) {
    IdTable ids = new Ids(type);
    for (int count : new int[] {0, 1, 10, 63, 64, 65, 192, 193, 5000}) {
      // What is beyond the count is left out.
      int[] items = IntStream.range(3, count + 7).toArray();
      float[] distances = new float[items.length];
      for (int i = 0; i < distances.length; i++) {
        distances[i] = i / 3f;
      }
      UnsafeArrayData array =
          (UnsafeArrayData) InternalNeighbors.array(ids, items, distances, count);
      assertEquals(count, array.numElements());
      for (int i = 0; i < count; i++) {
        assertFalse(array.isNullAt(i));
        InternalRow neighbor = array.getStruct(i, 2);
        assertFalse(neighbor.anyNull());
        assertEquals(ids.id(items[i]), id(type, neighbor));
        assertEquals(distances[i], neighbor.getFloat(1));
      }
      int spareBytes = ((byte[]) array.getBaseObject()).length - array.getSizeInBytes();
      assertTrue(spareBytes >= 0 && spareBytes <= 32, spareBytes + " bytes to spare");
    }
  }

  private static Object id(String type, InternalRow neighbor) {
    return switch (type) {
      case "int" -> (Object) neighbor.getInt(0);
      case "long" -> neighbor.getLong(0);
      default -> neighbor.getUTF8String(0).toString();
    };
  }
}
