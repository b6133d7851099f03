package org.annoyspark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.spark.TestSpark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Credentials in a URI: refused before Hadoop sees them, and not shown. */
class CredentialsInUriTest {

  private static final String S3 = "s3a://AKIDFORTHETEST:very/secret@bucket/index";
  private static final String WORDS = TestSpark.WORDS.toString();

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "s3a://KEY:SECRET@bucket/index, s3a://…@bucket/index",
    "s3a://KEY@bucket/index, s3a://…@bucket/index",
    "S3N://KEY:SEC/R+T@bucket/index, S3N://…@bucket/index",
    "s3a://KEY:S@C/R@T@bucket, s3a://…@bucket",
    "ftp://user:SECRET@host/index, ftp://…@host/index"
  })
  void anyFormIsRefused(String uri, String shown) {
    assertRefused("index " + shown, CommandRun.of("neighbors", "--index", uri, "--id", "x"));
  }

  @Test
  void whereverTheUriStands() {
    String shown = "s3a://…@bucket/index";
    String output = directory.resolve("index").toString();
    assertRefused("output " + shown, build(WORDS, S3));
    assertRefused("input " + shown, build(S3, output));
    assertRefused(
        "spark.annoy.staging.dir " + shown,
        build(WORDS, output, "--conf", "spark.annoy.staging.dir=" + S3));
    assertRefused("output " + shown, join(output, WORDS, S3));
    assertRefused("input " + shown, join(S3, WORDS, output));
    assertRefused("input " + shown, join(WORDS, S3, output));
  }

  /** A colon, an at sign, or a user's name alone. */
  @ParameterizedTest
  @CsvSource({"/no/such/a:b@c", "file:/no/such/a:b@c"})
  void othersAreTakenForWhatTheyAre(String uri) {
    CommandRun run = CommandRun.of("neighbors", "--index", uri, "--id", "x");
    assertEquals("annoy-spark: " + uri.replaceFirst("^(file:)?", "file:"), head(run));
  }

  private static String head(CommandRun run) {
    return run.err().replaceFirst("(?s): (no such|expected) .*", "");
  }

  private static CommandRun build(String input, String output, Object... options) {
    List<Object> args = new ArrayList<>(List.of("build", "--input", input, "--output", output));
    args.addAll(List.of(options));
    return CommandRun.withSpark(args.toArray());
  }

  private static CommandRun join(String index, String queries, String output) {
    return CommandRun.withSpark("join", "--index", index, "--queries", queries, "--output", output);
  }

  private static void assertRefused(String what, CommandRun run) {
    assertEquals(
        "annoy-spark: "
            + what
            + ": expected no credentials in the URI; they belong in Hadoop's configuration, such as"
            + " fs.s3a.access.key and fs.s3a.secret.key, or in a credential store that"
            + " hadoop.security.credential.provider.path names\n",
        run.err());
    assertEquals("", run.out());
    assertEquals(1, run.exitCode());
  }
}
