package org.annoyspark.jobs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.spark.CommitUnknownException;
import org.annoyspark.storage.UnreachableException;
import picocli.CommandLine;

/** Turns what went wrong into one message; a stack trace only where the message says too little. */
final class FailureMessage implements CommandLine.IExecutionExceptionHandler {

  @Override
  public int handleExecutionException(
      Exception exception, CommandLine commandLine, CommandLine.ParseResult parsed) {
    Throwable cause = namedCause(exception);
    if (cause != null) {
      commandLine.getErr().println("annoy-spark: " + message(cause));
    } else {
      commandLine.getErr().println("annoy-spark: " + exception);
      exception.printStackTrace(commandLine.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** The exception in the chain whose message is meant for users, or null. */
  private static Throwable namedCause(Throwable exception) {
    for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
      if (cause instanceof IllegalArgumentException
          || cause instanceof CorruptIndexException
          || cause instanceof IOException) {
        return cause;
      }
    }
    return null;
  }

  private static String message(Throwable cause) {
    boolean speaksForItself =
        !(cause instanceof IOException)
            || cause instanceof FileNotFoundException
            || cause instanceof CommitUnknownException
            || cause instanceof UnreachableException
            || cause.getClass() == IOException.class
            || (cause instanceof FileSystemException file && file.getReason() != null);
    // Hadoop's and the JDK's messages are often no more than a path: the class says what about it.
    return speaksForItself
        ? cause.getMessage()
        : cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }
}
