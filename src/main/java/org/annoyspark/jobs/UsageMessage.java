package org.annoyspark.jobs;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.unsafe.types.UTF8String;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with a command's arguments, what they may have been meant to be, and the usage. */
final class UsageMessage implements CommandLine.IParameterExceptionHandler {

  @Override
  public int handleParseException(ParameterException exception, String[] args) {
    CommandLine command = exception.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(command.getColorScheme().errorText(exception.getMessage()));
    List<String> unknown = unknownOptions(command);
    for (String option : unknown) {
      err.printf(
          "unknown option '%s': the nearest is %s%n",
          option, nearest(option, command.getCommandSpec()));
    }
    if (unknown.isEmpty()) {
      UnmatchedArgumentException.printSuggestions(exception, err);
    }
    command.usage(err);
    return CommandLine.ExitCode.USAGE;
  }

  /** Also where an option that is missing is complained of first, for it may be misspelt. */
  private static List<String> unknownOptions(CommandLine command) {
    // What follows an unknown command was meant for that.
    boolean hasCommands = !command.getSubcommands().isEmpty();
    return command.getUnmatchedArguments().stream()
        .takeWhile(argument -> isOption(argument) || !hasCommands)
        .filter(UsageMessage::isOption)
        .map(argument -> argument.split("=", 2)[0])
        .distinct()
        .toList();
  }

  private static boolean isOption(String argument) {
    return argument.matches("--?\\p{Alpha}.*");
  }

  private static String nearest(String option, CommandSpec command) {
    UTF8String wanted = UTF8String.fromString(option);
    return command.options().stream()
        .map(OptionSpec::names)
        .flatMap(Stream::of)
        .min(
            Comparator.comparingInt(
                name -> UTF8String.fromString(name).levenshteinDistance(wanted)))
        .orElseThrow();
  }
}
