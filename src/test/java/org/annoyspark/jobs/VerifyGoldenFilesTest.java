package org.annoyspark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.GoldenCase;
import org.annoyspark.metric.Metric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The command {@code verify} on the original's files, whole and damaged. */
class VerifyGoldenFilesTest {

  @TempDir Path directory;

  static List<GoldenCase> cases() throws IOException {
    return GoldenCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void allAreSound(GoldenCase golden) {
    CommandRun run = verify(golden.file(), golden.metric());
    assertEquals("", run.err());
    assertTrue(run.out().contains("\nsound: "), run.out());
    assertEquals(0, run.exitCode());
  }

  @Test
  void everyFaultOfATreeIsNamed() throws IOException {
    GoldenCase golden = GoldenCase.of("angular_f10", "generic");
    AnnoyIndex index = AnnoyIndex.open(golden.file(), golden.metric());
    byte[] bytes = Files.readAllBytes(golden.file());
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int nodeBytes = golden.metric().layout().nodeBytes();
    int childOffset = golden.metric().layout().childOffsetBytes(0);
    // The first node behind the items is a bucket. Its first item now stands in it twice, which no
    // look at single nodes can tell.
    int at = index.items() * nodeBytes + childOffset;
    int lost = file.getInt(at);
    int twice = file.getInt(at + 4);
    file.putInt(at, twice);
    Path damaged = Files.write(directory.resolve("damaged.ann"), bytes);

    CommandRun run = verify(damaged, golden.metric());
    assertEquals(
        """
        annoy-spark: file:%s: not sound
          tree 0: item %d stands in the tree more than once
          tree 0: expected each of 1000 items once, found 999; the first missing is item %d
        """
            .formatted(damaged, twice, lost),
        run.err());
    assertEquals(1, run.exitCode());
    CommandRun first = verify(damaged, golden.metric(), "--max-faults", "1");
    assertEquals(2, first.err().lines().count(), first.err());
  }

  @Test
  void aLinkToNowhereIsNamed() throws IOException {
    GoldenCase golden = GoldenCase.of("angular_f10", "generic");
    AnnoyIndex index = AnnoyIndex.open(golden.file(), golden.metric());
    byte[] bytes = Files.readAllBytes(golden.file());
    int at =
        index.items() * golden.metric().layout().nodeBytes()
            + golden.metric().layout().childOffsetBytes(0);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, 123_456);
    Path damaged = Files.write(directory.resolve("damaged.ann"), bytes);

    CommandRun run = verify(damaged, golden.metric());
    assertTrue(
        run.err().contains("node 1000: item id 0 of the bucket: expected 0 to 999, found 123456"),
        run.err());
    assertEquals(1, run.exitCode());
  }

  private static CommandRun verify(Path file, Metric metric, String... options) {
    String dotLayout = metric.dotLayoutLabel() == null ? "1.17" : metric.dotLayoutLabel();
    Object[] args = {
      "verify",
      "--index",
      file,
      "--metric",
      metric.name(),
      "--dimension",
      metric.dimension(),
      "--dot-layout",
      dotLayout
    };
    Object[] all = Arrays.copyOf(args, args.length + options.length);
    System.arraycopy(options, 0, all, args.length, options.length);
    return CommandRun.of(all);
  }
}
