package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.IndexMetadata;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From item numbers to ids and back, by a file in the cache of the host. */
class IdTableTest {

  @TempDir Path directory;
  private int parts;
  private Configuration conf;

  @BeforeEach
  void countReads() {
    conf = FaultyFileSystem.register(new Configuration());
    conf.set(AnnoyConf.CACHE_DIR, directory.resolve("cache").toString());
    FaultyFileSystem.OPENED.set(0);
  }

  @Test
  void ints() throws IOException {
    write("required int32 id", List.of(0, 1, 2), List.of(5, 70, 1_000_000));
    IdTable table = read("int", 3);
    assertEquals(70, table.id(1));
    assertEquals(OptionalInt.of(2), table.item(1_000_000));
    assertEquals(OptionalInt.of(2), table.item(1_000_000L));
    assertEquals(OptionalInt.of(0), table.item("5"));
    assertEquals(OptionalInt.empty(), table.item(6));
    assertEquals(OptionalInt.empty(), table.item("five"));
  }

  @Test
  void longsInSeveralParts() throws IOException {
    write("required int64 id", List.of(0, 1), List.of(Long.MIN_VALUE, -1L));
    write("required int64 id", List.of(), List.of());
    write("required int64 id", List.of(2), List.of(Long.MAX_VALUE));
    IdTable table = read("long", 3);
    assertEquals(Long.MIN_VALUE, table.id(0));
    assertEquals(Long.MAX_VALUE, table.id(2));
    assertEquals(OptionalInt.of(2), table.item(Long.MAX_VALUE));
    assertEquals(OptionalInt.of(1), table.item(-1));
    assertEquals(OptionalInt.empty(), table.item(0L));
  }

  /** As text, the third name is before the first, and the second before it. */
  @Test
  void partsInTheOrderOfTheirNumbers() throws IOException {
    String job = "-5fdba960-2980-40a0-b302-a973952398b7";
    List<String> names =
        List.of(
            "part-99999" + job + "-c999.snappy.parquet",
            "part-99999" + job + "-c1000.snappy.parquet",
            "part-100000" + job + "-c000.snappy.parquet");
    for (int item = 0; item < names.size(); item++) {
      write(names.get(item), "required int32 id", List.of(item), List.of(10 * item));
    }
    IdTable table = read("int", 3);
    assertEquals(List.of(0, 10, 20), List.of(table.id(0), table.id(1), table.id(2)));
  }

  @Test
  void stringsByUtf8Bytes() throws IOException {
    List<String> ids =
        List.of("", "a", "ab", "b", "é", "\uff21", "\ud83d\ude00", "long".repeat(2000));
    ids = ids.stream().sorted(IdTableTest::byUtf8).toList();
    write("required binary id (STRING)", List.of(0, 1, 2, 3, 4, 5, 6, 7), ids);
    IdTable table = read("string", 8);
    for (int item = 0; item < 8; item++) {
      assertEquals(ids.get(item), table.id(item));
      assertEquals(OptionalInt.of(item), table.item(ids.get(item)));
    }
    for (String absent : List.of("A", "aa", "abc", "c", "ÿ", "\ud83d\ude01")) {
      assertEquals(OptionalInt.empty(), table.item(absent));
    }
  }

  private static int byUtf8(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void identity() {
    assertEquals(7, IdTable.identity().id(7));
    assertEquals(OptionalInt.of(7), IdTable.identity().item("7"));
    assertEquals(OptionalInt.of(7), IdTable.identity().item(7L));
    assertEquals(OptionalInt.empty(), IdTable.identity().item("seven"));
    assertEquals(OptionalInt.empty(), IdTable.identity().item(1L << 40));
  }

  @Test
  void anItemLeftOut() throws IOException {
    write("required int32 id", List.of(0, 2), List.of(1, 2));
    assertCorrupt("part-0.parquet: item of row 1: expected 1 of 3, found 2", 3);
  }

  @Test
  void anItemTooMany() throws IOException {
    write("required int32 id", List.of(0, 1, 2), List.of(1, 2, 3));
    assertCorrupt("part-0.parquet: item of row 2: expected 2 of 2, found 2", 2);
  }

  @Test
  void aPartThatIsGone() throws IOException {
    write("required int32 id", List.of(0, 1), List.of(1, 2));
    assertCorrupt("ids: expected 3, found 2", 3);
  }

  @Test
  void noDirectory() {
    var e = assertThrows(FileNotFoundException.class, () -> read("int", 1));
    assertTrue(e.getMessage().endsWith("ids.parquet: no such directory; the ids of the index"));
  }

  @Test
  void idsThatAreNotInOrder() throws IOException {
    write("required int64 id", List.of(0, 1, 2), List.of(-5L, 7L, 7L));
    var numbers = assertThrows(CorruptIndexException.class, () -> open("long", 3));
    assertTrue(
        numbers
            .getMessage()
            .endsWith("ids.parquet: id of item 2: expected greater than the one before, found 7"),
        numbers.getMessage());
  }

  @Test
  void stringsThatAreNotInOrder() throws IOException {
    write("required binary id (STRING)", List.of(0, 1), List.of("b", "a"));
    var texts = assertThrows(CorruptIndexException.class, () -> open("string", 2));
    assertTrue(
        texts
            .getMessage()
            .endsWith("ids.parquet: id of item 1: expected greater than the one before, found a"),
        texts.getMessage());
  }

  @Test
  void theParquetIsReadOnceAHost() throws IOException {
    write("required binary id (STRING)", List.of(0, 1), List.of("a", "b"));
    IdTable first = open("string", 2);
    int opened = FaultyFileSystem.OPENED.get();
    assertTrue(opened > 0, "not read at all");
    assertEquals("b", open("string", 2).id(1));
    assertEquals(opened, FaultyFileSystem.OPENED.get());
    assertEquals("a", first.id(0));
  }

  /** Any byte of it: the file is small enough to try each. */
  @Test
  void aDamagedTableIsMadeAgain() throws IOException {
    write("required binary id (STRING)", List.of(0, 1, 2), List.of("ab", "b", "ccc"));
    Path table = makeTable(3);
    byte[] sound = Files.readAllBytes(table);
    for (int at = 0; at < sound.length; at++) {
      byte[] damaged = sound.clone();
      damaged[at] ^= 1;
      Files.write(table, damaged);
      assertMadeAgain(table, sound, "byte " + at);
    }
    Files.write(table, Arrays.copyOf(sound, sound.length - 1));
    assertMadeAgain(table, sound, "cut short");
    Files.write(table, new byte[0]);
    assertMadeAgain(table, sound, "empty");
  }

  private void assertMadeAgain(Path table, byte[] sound, String damage) throws IOException {
    int opened = FaultyFileSystem.OPENED.get();
    makeTable(3);
    assertArrayEquals(sound, Files.readAllBytes(table), damage);
    assertTrue(FaultyFileSystem.OPENED.get() > opened, damage);
  }

  /** As a process does that ends then: the next one checks the file. */
  private Path makeTable(int items) throws IOException {
    var ids = new org.apache.hadoop.fs.Path("faulty:" + directory.resolve("ids.parquet"));
    try (HostIndexCache.Lease lease =
        new HostIndexCache(conf)
            .lease("identity", "ids.table", new IdTableFile(ids, items, "string", conf))) {
      return lease.path();
    }
  }

  private void assertCorrupt(String message, int items) {
    var e = assertThrows(CorruptIndexException.class, () -> read("int", items));
    assertTrue(e.getMessage().endsWith(message), e.getMessage());
  }

  private IdTable read(String type, int items) throws IOException {
    return open("file", type, items);
  }

  /** From a file system that counts. */
  private IdTable open(String type, int items) throws IOException {
    return open("faulty", type, items);
  }

  private IdTable open(String scheme, String type, int items) throws IOException {
    var ids = new IndexMetadata.Ids(true, type, "ids.parquet");
    var metadata =
        new IndexMetadata(
            1, "b", "dot", 1, null, items, 0, 1, items + 2, 1, 0, null, ids, null, null, null,
            null);
    return IdTable.open(
        new org.apache.hadoop.fs.Path(scheme + ":" + directory.resolve("ids.parquet")),
        metadata,
        conf);
  }

  private void write(String idColumn, List<Integer> items, List<?> ids) throws IOException {
    write("part-" + parts++ + ".parquet", idColumn, items, ids);
  }

  private void write(String name, String idColumn, List<Integer> items, List<?> ids)
      throws IOException {
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message ids { required int32 item; " + idColumn + "; }");
    Path part = directory.resolve("ids.parquet").resolve(name);
    Files.createDirectories(part.getParent());
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(
                HadoopOutputFile.fromPath(
                    new org.apache.hadoop.fs.Path(part.toUri()), new Configuration()))
            .withType(schema)
            .build()) {
      for (int i = 0; i < items.size(); i++) {
        Group row = new SimpleGroup(schema).append("item", items.get(i));
        if (ids.get(i) instanceof Integer id) {
          row.add("id", id);
        } else if (ids.get(i) instanceof Long id) {
          row.add("id", id);
        } else {
          row.add("id", (String) ids.get(i));
        }
        writer.write(row);
      }
    }
  }
}
