package org.annoyspark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.spark.StartedTasks;
import org.annoyspark.spark.TestSpark;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Bad input at every command: exit code 1, one message, and no task started but those by which
 * Spark looks at the columns of Parquet.
 */
class BadInputTest {

  @TempDir static Path directory;

  /** {@code INDEX}, {@code QUERIES} and so on in a command, by name. */
  private static final List<String> NAMES = List.of("INDEX", "QUERIES", "NONE", "OUTPUT");

  @BeforeAll
  static void build() throws IOException {
    Files.move(TestIndex.build(directory).directory(), directory.resolve("INDEX"));
    TestSpark.items(TestIndex.IDS, TestIndex.VECTORS)
        .selectExpr("*", "1 number", "'1,2' text", "array(1.5D) scores")
        .write()
        .parquet(directory.resolve("QUERIES").toUri().toString());
    // A command would take it for its own.
    TestSpark.session().stop();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "build --input QUERIES --output OUTPUT --features-col text | column 'text': expected"
            + " array<float>, array<double> or an MLlib vector, found string",
        "build --input QUERIES --output OUTPUT --id-col scores | column 'scores': expected int,"
            + " bigint or string, found array<double>",
        "join --index NONE --queries QUERIES --output OUTPUT | file:NONE: no such file or directory",
        "join --index INDEX --queries QUERIES --output OUTPUT --features-col text | column 'text':"
            + " expected array<float>, array<double> or an MLlib vector, found string",
        "join --index INDEX --queries QUERIES --output OUTPUT --exclude-self --id-col number |"
            + " column 'number': expected ids like the index's, string, to leave out each query"
            + " itself, found int",
        "join --index INDEX --queries QUERIES --output OUTPUT --exclude-col scores | column"
            + " 'scores': expected lists of ids like the index's, array<string>, found"
            + " array<double>",
        "join --index INDEX --self --output OUTPUT --candidates QUERIES --id-col number |"
            + " candidate filter: column 'number': expected ids like the index's, string, found"
            + " int",
        "join --index INDEX --self --output OUTPUT --candidates NONE | NONE: no such file or"
            + " directory",
        "evaluate --index NONE | file:NONE: no such file or directory",
        "evaluate --index INDEX --queries QUERIES --features-col text | column 'text': expected"
            + " array<float>, array<double> or an MLlib vector, found string",
        "neighbors --index NONE --id w01 | file:NONE: no such file or directory",
        "neighbors --index INDEX --vector 1,2 | query vector: expected dimension 4, as the index"
            + " has, found 2",
        "neighbors --index INDEX --id w01 --metric dot --dimension 3 | file:INDEX: expected dot of"
            + " dimension 3, as given, found euclidean of dimension 4",
        "add-trees --index NONE --trees 1 | file:NONE: no such file or directory",
        "verify --index NONE | file:NONE: no such file or directory"
      },
      quoteCharacter = '"')
  void isNamedBeforeATaskStarts(String command, String message) {
    StartedTasks.forget();
    CommandRun run = run(command);
    assertEquals("annoy-spark: " + inDirectory(message) + "\n", run.err());
    assertEquals("", run.out());
    assertEquals(1, run.exitCode());
    assertEquals(List.of(), startedTasks());
    assertFalse(Files.exists(directory.resolve("OUTPUT")));
  }

  private static CommandRun run(String command) {
    List<Object> args = new ArrayList<>(List.of(inDirectory(command).split(" +")));
    args.addAll(List.of("--conf", "spark.extraListeners=" + StartedTasks.class.getName()));
    return CommandRun.withSpark(args.toArray());
  }

  private static String inDirectory(String text) {
    String result = text.trim();
    for (String name : NAMES) {
      result = result.replace(name, directory.resolve(name).toString());
    }
    return result;
  }

  private static List<String> startedTasks() {
    return StartedTasks.stages().stream()
        .filter(stage -> !stage.startsWith("parquet at ItemInput.java"))
        .toList();
  }
}
