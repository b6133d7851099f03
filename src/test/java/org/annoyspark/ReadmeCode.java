package org.annoyspark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;

/** Code of the README, for tests that run it. */
public final class ReadmeCode {

  /** The class that {@link #compile} makes. */
  public static final String CLASS_NAME = "Snippet";

  private ReadmeCode() {}

  /**
   * The blocks of a language in a section.
   *
   * @param language as behind a block's opening mark; empty for command lines
   * @param directory stands for {@code /tmp} in them
   */
  public static List<String> blocks(String section, String language, Path directory)
      throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String text = readme.split("(?m)^## " + Pattern.quote(section) + "$", 2)[1];
    String body = text.split("(?m)^## ", 2)[0].replace("/tmp/", directory + "/");
    return Pattern.compile("(?ms)^```" + language + "\n(.*?)^```$")
        .matcher(body)
        .results()
        .map((MatchResult block) -> block.group(1))
        .toList();
  }

  /** The words of each command in a block. A line that ends in a backslash goes on in the next. */
  public static List<List<String>> commands(String block) {
    return block
        .replace("\\\n", " ")
        .lines()
        .map(command -> List.of(command.strip().split("\\s+", -1)))
        .toList();
  }

  /** The members of a class with its imports, as they stand in a block. */
  public static URLClassLoader compileMembers(String block, Path directory) throws IOException {
    return compile(imports(block), withoutImports(block), directory);
  }

  /** The imports of a block, a line each. */
  static String imports(String block) {
    return block
        .lines()
        .filter(line -> line.startsWith("import "))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  /** What a block has besides its imports. */
  static String withoutImports(String block) {
    return block.replaceAll("(?m)^import .*\n", "");
  }

  /** Compiles a class of these members, into a directory that it is to be loaded from. */
  static URLClassLoader compile(String imports, String members, Path directory) throws IOException {
    Path source = directory.resolve(CLASS_NAME + ".java");
    Files.writeString(source, imports + "public class " + CLASS_NAME + " {\n" + members + "}\n");
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-nowarn",
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                directory.toString(),
                source.toString());
    assertEquals(0, status, members);
    URL[] urls = {directory.toUri().toURL()};
    return new URLClassLoader(urls, ReadmeCode.class.getClassLoader());
  }
}
