package org.annoyspark.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The C++ original in a process of its own: {@code src/test/cpp/original.cpp}, compiled against the
 * header that Debian's {@code r-cran-rcppannoy} brings.
 */
final class Original implements AutoCloseable {

  private static final Path SOURCE = Path.of("src", "test", "cpp", "original.cpp");

  /** The flags of Annoy's own setup.py, for the CPU at hand. */
  private static final String[] COMPILER = {
    "g++", "-std=c++17", "-O3", "-march=native", "-ffast-math", "-fno-associative-math"
  };

  private final Process process;
  private final BufferedWriter commands;
  private final BufferedReader replies;

  private Original(Process process) {
    this.process = process;
    this.commands = process.outputWriter();
    this.replies = process.inputReader();
  }

  /**
   * Compiles the program.
   *
   * @param headers the directory of annoylib.h
   * @param directory where to put it
   */
  static Path compile(Path headers, Path directory) throws IOException {
    Path program = directory.resolve("original");
    ProcessBuilder compiler = new ProcessBuilder(COMPILER).inheritIO();
    compiler.command().addAll(List.of("-I" + headers, "-o", "" + program, "" + SOURCE));
    try {
      int status = compiler.start().waitFor();
      if (status != 0) {
        throw new IOException("g++ " + SOURCE + ": exit status " + status);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return program;
  }

  static Original start(Path program) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    return new Original(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** Gives a command of the program; returns the seconds that it took. */
  double run(Object... words) throws IOException {
    StringBuilder line = new StringBuilder();
    for (Object word : words) {
      line.append(word).append(' ');
    }
    commands.write(line.append('\n').toString());
    commands.flush();
    String reply = replies.readLine();
    try {
      return Double.parseDouble(reply);
    } catch (NumberFormatException | NullPointerException e) {
      throw new IOException("original: " + line + ": expected seconds, found " + reply, e);
    }
  }

  /** The ids in a file of answers, k for a query. */
  static int[][] readAnswers(Path file, int k) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int[][] answers = new int[bytes.capacity() / (k * Integer.BYTES)][k];
    for (int[] answer : answers) {
      bytes.asIntBuffer().get(answer);
      bytes.position(bytes.position() + k * Integer.BYTES);
    }
    return answers;
  }

  @Override
  public void close() throws IOException {
    commands.close();
    process.destroy();
  }
}
