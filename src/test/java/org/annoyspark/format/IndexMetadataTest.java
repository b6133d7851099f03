package org.annoyspark.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexMetadataTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final IndexMetadata ANGULAR =
      new IndexMetadata(
          1,
          "20260101T000000Z-ab12",
          "angular",
          10,
          null,
          100,
          3,
          5,
          250,
          52,
          -7_000_000_000L,
          List.of(new SeededTrees(-7_000_000_000L, 0, 3), new SeededTrees(1, 7, 2)),
          new IndexMetadata.Ids(false, "int", null),
          new IndexMetadata.IndexFile("index.ann", 13_000, 5_000, List.of("00", "01", "02")),
          "a test",
          Map.of("trees", "5"),
          "20251231T000000Z-ab11");

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private static String messageFor(String json) {
    return assertThrows(
            CorruptIndexException.class, () -> IndexMetadata.parse("file:/m.json", bytes(json)))
        .getMessage();
  }

  @Test
  void whatIsWrittenIsRead() {
    assertEquals(ANGULAR, IndexMetadata.parse("here", bytes(ANGULAR.toJson())));
    IndexMetadata dot =
        new IndexMetadata(
            1,
            "b",
            "dot",
            10,
            "main",
            2,
            0,
            1,
            4,
            64,
            1,
            null,
            new IndexMetadata.Ids(true, "string", "ids.parquet"),
            new IndexMetadata.IndexFile("i.ann", 256, 8 << 20, List.of("0a")),
            null,
            null,
            null);
    assertEquals(dot, IndexMetadata.parse("here", bytes(dot.toJson())));
  }

  @Test
  void whatDoesNotApplyIsLeftOut() {
    String json = ANGULAR.toJson();
    assertFalse(json.contains("dotLayout"));
    assertFalse(json.contains("directory"));
    assertTrue(json.endsWith("}\n"));
  }

  @Test
  void fieldsOfLaterVersionsAreIgnored() throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(ANGULAR.toJson());
    json.put("compression", "none");
    assertEquals(ANGULAR, IndexMetadata.parse("here", bytes(json.toString())));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /formatVersion           | 2     | formatVersion: expected 1, found 2
          /metric                  | null  | metric: expected a metric, found null
          /file                    | null  | file: expected a file name, found null
          /file/crc32c             | null  | crc32c: expected checksums, found null
          /file/crc32c             | ["00","01"] | crc32c entries: expected 3, found 2
          /file/crc32c             | ["00",null,"02"] | crc32c: expected checksums, found [00, null, 02]
          /file/checksumChunkBytes | 0     | checksumChunkBytes: expected more than 0, found 0
          /file/lengthBytes        | 12999 | file.lengthBytes: expected 250 nodes of 52 bytes = 13000, found 12999
          /ids                     | null  | ids: expected an id type, found null
          /ids/mapped              | true  | ids.directory: expected a directory, found null
          /items                   | 0     | items: expected 1 to 249, found 0
          /items                   | 250   | items: expected 1 to 249, found 250
          /holes                   | -1    | holes: expected 0 to 99, found -1
          /holes                   | 100   | holes: expected 0 to 99, found 100
          /trees                   | 0     | trees: expected 1 to 150, found 0
          /trees                   | 151   | trees: expected 1 to 150, found 151
          /grown/0/firstTree       | -1    | grown: expected trees numbered from 0 on, found trees -1 to 1 of seed -7000000000
          /grown/1/trees           | 0     | grown: expected trees numbered from 0 on, found trees 7 to 6 of seed 1
          /grown/1/firstTree       | 2147483646 | grown: expected numbers of an int, found trees 2147483646 to 2147483647 of seed 1
          /grown/1/trees           | 4     | trees in grown: expected 5, found 7
          /nodeBytes               | 0     | file.lengthBytes: expected 250 nodes of 0 bytes = 0, found 13000
          """)
  void everyFaultIsNamed(String field, String value, String fault) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(ANGULAR.toJson());
    int slash = field.lastIndexOf('/');
    ((ObjectNode) json.at(field.substring(0, slash)))
        .set(field.substring(slash + 1), JSON.readTree(value));
    assertEquals("file:/m.json: " + fault, messageFor(json.toString()));
  }

  @Test
  void aFileAndIdsWithoutTheirNamesAreRefused() throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(ANGULAR.toJson());
    ((ObjectNode) json.get("ids")).remove("type");
    assertTrue(messageFor(json.toString()).startsWith("file:/m.json: ids: expected an id type, "));
    ((ObjectNode) json.get("file")).remove("name");
    assertTrue(
        messageFor(json.toString()).startsWith("file:/m.json: file: expected a file name, "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "formatVersion",
        "dimension",
        "items",
        "holes",
        "trees",
        "nodes",
        "nodeBytes",
        "seed"
      })
  void aMissingNumberIsNamed(String field) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(ANGULAR.toJson());
    json.remove(field);
    String message = messageFor(json.toString());
    String expected = "file:/m.json: not the metadata of an index: field '" + field + "': ";
    assertTrue(message.startsWith(expected), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "7", "{", "{\"items\": \"many\"}", "PAR1\0\0", "{}"})
  void whatIsNoMetadataIsRefused(String json) {
    String message = messageFor(json);
    assertTrue(message.startsWith("file:/m.json: not the metadata of an index: "), message);
  }

  /** Half of one version over the whole of another. */
  @Test
  void whatFollowsTheMetadataIsRefused() {
    String message = messageFor(ANGULAR.toJson() + "\"createdBy\": 1}");
    assertTrue(message.startsWith("file:/m.json: not the metadata of an index: "), message);
  }
}
