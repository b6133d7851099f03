package org.annoyspark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands that cannot be meant: exit code 2, what is wrong, and how it would be right. */
class WrongUsageTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "verify --index x --zzz red   | Unknown options: '--zzz', 'red'",
        "fetch                        | Unmatched argument",
        "verify                       | Missing required option: '--index=URI'",
        "build --input x              | Missing required option: '--output=URI'",
        "join --index x --queries y   | Missing required option: '--output=URI'",
        "join --index x --output y    | Missing required argument",
        "join --index x --output y --queries z --self | mutually exclusive",
        "join --index x --output y --self --features-col v | --features-col goes with --queries",
        "join --index x --output y --self --exclude-col v | --exclude-col goes with --queries",
        "neighbors --index x          | Missing required argument",
        "neighbors --index x --id 1 --vector 1,2 | mutually exclusive",
        "verify --index x --metric angular       | --metric and --dimension go together",
        "verify --index x --dimension 3          | --metric and --dimension go together",
        "verify --index x --dimension three      | 'three' is not an int",
        "verify --index x --metric cosine --dimension 3 | expected one of angular, euclidean,"
            + " manhattan, dot, hamming, found 'cosine'",
        "build --input x --output y --metric cosine | expected one of angular",
        "build --input x --output y --trees many    | expected a number, found 'many'",
        "build --input x --output y --trees 0       | trees: expected 1 or more, or auto, found 0",
        "build --input x --output y --first-tree -1 | expected 0 to 1073741824, found -1",
        "build --input x --output y --first-tree 2147483647 | expected 0 to 1073741824",
        "add-trees --index x                 | Missing required option: '--trees=N'",
        "add-trees --index x --trees auto    | expected a number, found 'auto'",
        "merge --index x --output y          | expected two indexes or more, each with --index, found"
            + " one",
        "build --input x --output y --seed 1.5      | '1.5' is not a long",
        "build --input x --output y --dot-layout 2  | found '2'",
        "build --input x --output y --dot-norm-cap 0   | dot norm cap: expected auto, or a percentage"
            + " above 0 and up to 100, found 0.0",
        "build --input x --output y --dot-norm-cap 101 | up to 100, found 101.0",
        "build --input x --output y --dot-norm-cap NaN | up to 100, found NaN",
        "build --input x --output y --dot-norm-cap all | up to 100, found all",
        "join --index x --queries y --output z --format xml | expected one of [parquet, json]",
        "join --index x --queries y --output z -k ten       | 'ten' is not an int",
        "verify --index x --conf nothing | KEY=VALUE"
      })
  void wrongUsage(String args, String message) {
    CommandRun run = CommandRun.of((Object[]) args.trim().split(" +"));
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertTrue(run.err().contains("Usage: annoy-spark"), run.err());
    assertEquals("", run.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "build --input x --output y --tres 5       | --tres     | --trees",
        "build --input x --outputt y               | --outputt  | --output",
        "build --input x --output y --tree=5       | --tree     | --trees",
        "add-trees --index x --tres 5              | --tres     | --trees",
        "merge --indx a --index b --output c       | --indx     | --index",
        "join --index x --querys y --output z      | --querys   | --queries",
        "join --index x --self --output z --kk -3  | --kk       | -k",
        "neighbors --index x --idd 1               | --idd      | --id",
        "evaluate --index x --serch-k 4            | --serch-k  | --search-k",
        "inspect --indexes x                       | --indexes  | --index",
        "verify --index x --max-fault 1            | --max-fault | --max-faults",
        "words --jsn x --output y                  | --jsn      | --json",
        "--verson                                  | --verson   | --version"
      })
  void misspeltOptions(String args, String option, String nearest) {
    CommandRun run = CommandRun.of((Object[]) args.trim().split(" +"));
    assertEquals(2, run.exitCode(), run.err());
    List<String> named = run.err().lines().filter(line -> line.startsWith("unknown ")).toList();
    assertEquals(
        List.of("unknown option '" + option + "': the nearest is " + nearest), named, run.err());
    assertTrue(run.err().contains("Usage: annoy-spark"), run.err());
  }

  @Test
  void misspeltCommand() {
    CommandRun run = CommandRun.of("buld", "--input", "x");
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains("Did you mean: annoy-spark build?"), run.err());
  }

  @ParameterizedTest
  @CsvSource({"--help", "build --help", "join -h"})
  void helpIsNoFailure(String args) {
    CommandRun run = CommandRun.of((Object[]) args.split(" "));
    assertEquals(0, run.exitCode());
    assertTrue(run.out().startsWith("Usage: annoy-spark"), run.out());
  }

  @Test
  void noCommand() {
    CommandRun run = CommandRun.of();
    assertEquals(2, run.exitCode());
    assertTrue(run.err().startsWith("Usage: annoy-spark"), run.err());
  }
}
