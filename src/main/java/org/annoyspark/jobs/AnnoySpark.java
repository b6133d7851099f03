package org.annoyspark.jobs;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.annoyspark.spark.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The main command. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "annoy-spark",
    description = "Builds and queries Annoy indexes with Spark.",
    mixinStandardHelpOptions = true,
    versionProvider = AnnoySpark.VersionLine.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage"},
    subcommands = {
      BuildCommand.class,
      AddTreesCommand.class,
      MergeCommand.class,
      JoinCommand.class,
      NeighborsCommand.class,
      EvaluateCommand.class,
      InspectCommand.class,
      VerifyCommand.class,
      WordsCommand.class
    })
public final class AnnoySpark {

  private AnnoySpark() {}

  /** Runs a command and exits. */
  public static void main(String[] args) {
    // Figures are written the same everywhere, and ids in UTF-8, whatever the machine's locale.
    Locale.setDefault(Locale.ENGLISH);
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(args, out, err));
  }

  /** Runs a command and returns its exit code. */
  static int run(String[] args, PrintWriter out, PrintWriter err) {
    CommandLine commandLine =
        new CommandLine(new AnnoySpark())
            .setOut(out)
            .setErr(err)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler(new UsageMessage())
            .setExecutionExceptionHandler(new FailureMessage());
    if (args.length == 0) {
      commandLine.usage(err);
      return CommandLine.ExitCode.USAGE;
    }
    return commandLine.execute(args);
  }

  static final class VersionLine implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"annoy-spark " + Version.NAME};
    }
  }
}
