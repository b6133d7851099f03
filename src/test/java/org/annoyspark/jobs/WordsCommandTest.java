package org.annoyspark.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.annoyspark.spark.TestSpark;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsCommandTest {

  /**
   * Words out of order, ranks that tell it, and a decimal that a double would round the wrong way.
   */
  private static final String JSON =
      """
      {"precision": 8, "l2NormIndex": 2, "wordIndex": 3, "size": 3, "dimensions": 2,
       "words": ["the", "of", "42"],
       "vectors": {
         "42": [1, -2.5, 2.69, 2],
         "the": [1.00000005960464477540, 0.1, 1.1, 0],
         "of": [3e-2, 4, 4.0, 1]},
       "unkVector": [0, 0, 0, -1]}
      """;

  @TempDir Path directory;

  @Test
  void writesWordsByRank() throws IOException {
    Path output = convert(JSON);
    Map<Integer, String> words = new TreeMap<>();
    List<float[]> vectors = new ArrayList<>();
    for (Group row : read(output)) {
      words.put(words.size(), row.getString("id", 0));
      Group list = row.getGroup("features", 0);
      float[] vector = new float[list.getFieldRepetitionCount("list")];
      for (int z = 0; z < vector.length; z++) {
        vector[z] = list.getGroup("list", z).getFloat("element", 0);
      }
      vectors.add(vector);
    }
    assertEquals(Map.of(0, "the", 1, "of", 2, "42"), words);
    assertArrayEquals(new float[] {Math.nextUp(1f), 0.1f}, vectors.get(0));
    assertArrayEquals(new float[] {0.03f, 4}, vectors.get(1));
    assertArrayEquals(new float[] {1, -2.5f}, vectors.get(2));
  }

  @Test
  void keepsTheMostFrequent() throws IOException {
    List<Group> rows = read(convert(JSON, "--top", "1"));
    assertEquals(1, rows.size());
    assertEquals("the", rows.get(0).getString("id", 0));
  }

  @Test
  void schemaIsSparksArrayOfFloats() throws IOException {
    var file = new org.apache.hadoop.fs.Path(convert(JSON).toUri());
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(file, new Configuration()))) {
      assertEquals(
          """
          message words {
            required binary id (STRING);
            required group features (LIST) {
              repeated group list {
                required float element;
              }
            }
          }
          """,
          reader.getFileMetaData().getSchema().toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "# text | expected the JSON of the package, found: Unexpected character",
        "{} | expected an object \"vectors\", found none",
        "{\"vectors\": {}} | expected a positive number \"size\" before \"vectors\", found null",
        "H 1, \"vectors\": {}} | expected a word of every rank below 1, found none of 0",
        "H 1, \"vectors\": {\"a\": 7}} | word \"a\": expected 1 numbers and a rank at 1, found 0",
        "H 1, \"vectors\": {\"a\": [7]}} | word \"a\": expected 1 numbers and a rank at 1, found 1",
        "H 2, \"vectors\": {\"a\": [7, 1], \"b\": [8, 1]}}"
            + "| expected one word of rank 1, found \"a\" and \"b\"",
      })
  void saysWhatIsWrong(String json, String expected) throws IOException {
    String text = json.replace("H ", "{\"dimensions\": 1, \"wordIndex\": 1, \"size\": ");
    Path input = Files.writeString(directory.resolve("words.json"), text);
    FileSystemException fault =
        assertThrows(
            FileSystemException.class, () -> WordVectors.readJson(input, Integer.MAX_VALUE));
    assertTrue(fault.getMessage().startsWith(input + ": " + expected), fault.getMessage());
  }

  @Test
  void leavesAnExistingFileAlone() throws IOException {
    Path output = Files.writeString(directory.resolve("words.parquet"), "mine");
    CommandRun run = run(JSON, output);
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("expected a file that does not exist yet"), run.err());
    assertEquals("mine", Files.readString(output));
  }

  @Test
  void leavesNothingElseBehind() throws IOException {
    Path output = directory.resolve("words.parquet");
    assertEquals(1, run("{}", output).exitCode());
    assertEquals(List.of("words.json"), TestSpark.names(directory));
    convert(JSON);
    assertEquals(List.of("words.json", "words.parquet"), TestSpark.names(directory));
  }

  private Path convert(String json, String... options) throws IOException {
    Path output = directory.resolve("words.parquet");
    CommandRun run = run(json, output, options);
    assertEquals(0, run.exitCode(), run::err);
    return output;
  }

  private CommandRun run(String json, Path output, String... options) throws IOException {
    Path input = Files.writeString(directory.resolve("words.json"), json);
    List<Object> arguments = new ArrayList<>(List.of("words", "--json", input));
    arguments.addAll(List.of("--output", output));
    arguments.addAll(List.of(options));
    return CommandRun.of(arguments.toArray());
  }

  private static List<Group> read(Path file) throws IOException {
    List<Group> rows = new ArrayList<>();
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), new org.apache.hadoop.fs.Path(file.toUri()))
            .build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        rows.add(row);
      }
    }
    return rows;
  }
}
