package org.annoyspark.index;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.format.DotLayout;
import org.annoyspark.metric.Metric;

/** A file made by the original, with the original's answers to 20 queries. */
public record GoldenCase(String name, String variant, JsonNode expected, Metric metric) {

  private static final Path DIRECTORY = Path.of("src", "test", "resources", "golden");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Every case in every variant that has a file of its own. */
  public static List<GoldenCase> all() throws IOException {
    List<GoldenCase> cases = new ArrayList<>();
    for (JsonNode row : JSON.readTree(DIRECTORY.resolve("INDEX.json").toFile())) {
      for (String variant : List.of("generic", "native", "v1173")) {
        Path expected = DIRECTORY.resolve(row.get("name").asText() + "." + variant + ".json");
        if (Files.exists(expected)) {
          cases.add(of(row.get("name").asText(), variant));
        }
      }
    }
    return cases;
  }

  public static GoldenCase of(String name, String variant) throws IOException {
    JsonNode expected = JSON.readTree(DIRECTORY.resolve(name + "." + variant + ".json").toFile());
    DotLayout dotLayout = variant.equals("v1173") ? DotLayout.RELEASED : DotLayout.MAIN;
    Metric metric =
        Metric.of(expected.get("metric").asText(), expected.get("f").asInt(), dotLayout);
    return new GoldenCase(name, variant, expected, metric);
  }

  /** The index file; where the native build wrote the same bytes, the generic one's. */
  public Path file() {
    Path own = DIRECTORY.resolve(name + "." + variant + ".ann");
    return Files.exists(own) ? own : DIRECTORY.resolve(name + ".generic.ann");
  }

  public float[][] base() throws IOException {
    return floats(name + ".base.f32");
  }

  public float[][] queries() throws IOException {
    return floats(name + ".queries.f32");
  }

  private float[][] floats(String file) throws IOException {
    byte[] bytes = Files.readAllBytes(DIRECTORY.resolve(file));
    int dimension = metric.dimension();
    float[][] rows = new float[bytes.length / 4 / dimension][dimension];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (float[] row : rows) {
      for (int z = 0; z < dimension; z++) {
        row[z] = buffer.getFloat();
      }
    }
    return rows;
  }

  @Override
  public String toString() {
    return name + "." + variant;
  }
}
