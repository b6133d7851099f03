package org.annoyspark.notebook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.VarSnippet;
import jdk.jshell.execution.LocalExecutionControlProvider;
import org.dflib.jjava.jupyter.channels.JupyterConnection;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.JupyterIO;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;
import org.dflib.jjava.jupyter.kernel.ReplacementOptions;
import org.dflib.jjava.jupyter.kernel.comm.CommManager;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.magic.MagicParser;
import org.dflib.jjava.jupyter.kernel.magic.MagicTranspiler;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import org.dflib.jjava.jupyter.kernel.util.StringStyler;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * Evaluates the Java of notebooks for Jupyter: {@code jobs/notebook} starts it. Cells run in this
 * JVM, so that its class path is theirs and Spark's driver runs in it.
 */
public final class JavaKernel extends BaseKernel {

  /** What every notebook has, as it has {@code System.out}. */
  private static final List<String> IMPORTS =
      List.of(
          "import java.util.*;",
          "import static " + JavaKernel.class.getCanonicalName() + ".display;");

  private final JShell shell =
      JShell.builder().executionEngine(new LocalExecutionControlProvider(), null).build();
  private final SourceCodeAnalysis analysis = shell.sourceCodeAnalysis();

  private JavaKernel() {
    super(
        "annoy-spark",
        "1",
        new LanguageInfo.Builder("java")
            .version(Runtime.version().feature() + "")
            .mimetype("text/x-java-source")
            .fileExtension(".jshell")
            .pygments("java")
            .codemirror("java")
            .build(),
        List.of(),
        null,
        new JupyterIO(StandardCharsets.UTF_8),
        new CommManager(),
        new Renderer(),
        new MagicParser("^%", "^%%", new MagicTranspiler()),
        new MagicsRegistry(),
        false,
        new StringStyler.Builder().build());
    IMPORTS.forEach(shell::eval);
  }

  /**
   * Serves one notebook until Jupyter ends it.
   *
   * @param arguments the file in which Jupyter tells its ports
   */
  public static void main(String[] arguments) throws Exception {
    JupyterConnection connection =
        new JupyterConnection(
            KernelConnectionProperties.parse(Files.readString(Path.of(arguments[0]))));
    JavaKernel kernel = new JavaKernel();
    kernel.becomeHandlerForConnection(connection);
    kernel.onStartup();
    connection.connect();
    connection.waitUntilClose();
    // Spark has threads that would keep the JVM.
    System.exit(0);
  }

  /** Shows a chart below the cell. */
  public static void display(Chart<?, ?> chart) throws IOException {
    byte[] png = BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG);
    DisplayData image = new DisplayData(chart.getTitle());
    image.putData("image/png", Base64.getEncoder().encodeToString(png));
    notebookKernel().display(image);
  }

  /** Runs a cell; what it shows, it prints or displays. */
  @Override
  public Object evalRaw(String cell) {
    for (CompletionInfo next = analysis.analyzeCompletion(cell);
        next.completeness() != SourceCodeAnalysis.Completeness.EMPTY;
        next = analysis.analyzeCompletion(next.remaining())) {
      // A piece that is not whole is the rest of the cell; evaluating it tells what is wrong.
      String source = next.source() == null ? next.remaining() : next.source();
      shell.eval(source).forEach(event -> check(event, source));
      if (next.source() == null) {
        break;
      }
    }
    return null;
  }

  private void check(SnippetEvent event, String source) {
    if (event.status() == Snippet.Status.REJECTED) {
      throw new IllegalArgumentException(
          shell
              .diagnostics(event.snippet())
              .map(problem -> problem.getMessage(Locale.ROOT))
              .collect(Collectors.joining("\n", "", "\nin\n" + source)));
    }
    boolean isSideEffect = event.causeSnippet() != null && event.status() == Snippet.Status.VALID;
    if (isSideEffect && event.snippet() instanceof VarSnippet variable) {
      // JShell compiles a variable anew when a name in its declaration may have another meaning.
      System.err.printf(
          "%s has lost its value by '%s': run the cell that sets it again%n",
          variable.name(), event.causeSnippet().source().strip());
    }
    if (event.exception() instanceof EvalException thrown) {
      throw new IllegalStateException(
          Stream.of(thrown.getStackTrace())
              .map(frame -> "\n  at " + frame)
              .collect(
                  Collectors.joining(
                      "", thrown.getExceptionClassName() + ": " + thrown.getMessage(), "")));
    }
    if (event.exception() != null) {
      throw new IllegalStateException(source, event.exception());
    }
  }

  /** The cell's failure alone: where in this class it was noticed tells nobody anything. */
  @Override
  public List<String> formatError(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().toList();
  }

  @Override
  public String isComplete(String cell) {
    return switch (analysis.analyzeCompletion(cell).completeness()) {
      case COMPLETE, CONSIDERED_INCOMPLETE, EMPTY -> IS_COMPLETE_YES;
      case UNKNOWN -> IS_COMPLETE_BAD;
      default -> IS_COMPLETE_MAYBE;
    };
  }

  @Override
  public ReplacementOptions complete(String cell, int cursor) {
    int[] start = {cursor};
    List<String> continuations =
        analysis.completionSuggestions(cell, cursor, start).stream()
            .map(SourceCodeAnalysis.Suggestion::continuation)
            .distinct()
            .toList();
    return new ReplacementOptions(continuations, start[0], cursor);
  }

  @Override
  public DisplayData inspect(String cell, int cursor, boolean extraDetail) {
    DisplayData signatures = new DisplayData();
    signatures.putText(
        analysis.documentation(cell, cursor, false).stream()
            .map(SourceCodeAnalysis.Documentation::signature)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("\n")));
    return signatures;
  }

  @Override
  public void interrupt() {
    shell.stop();
  }
}
