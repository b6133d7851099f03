package org.annoyspark.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.IntFunction;
import org.annoyspark.format.MappedNodeStore;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;

/**
 * Vectors in a file that the original reads: little-endian floats, row after row.
 *
 * @param name what lines of the benchmark call it
 */
record VectorSet(String name, int count, int dimension, Path file) {

  /**
   * Writes the vectors, unless their file is there.
   *
   * @param vector of an item
   */
  static VectorSet of(
      String name, int count, int dimension, Path directory, IntFunction<float[]> vector)
      throws IOException {
    Path file = directory.resolve(name + ".f32");
    if (Files.exists(file) && Files.size(file) == (long) count * dimension * Float.BYTES) {
      return new VectorSet(name, count, dimension, file);
    }
    return written(name, count, dimension, directory, vector);
  }

  /** Writes the vectors over those that are there. */
  static VectorSet written(
      String name, int count, int dimension, Path directory, IntFunction<float[]> vector)
      throws IOException {
    VectorSet set = new VectorSet(name, count, dimension, directory.resolve(name + ".f32"));
    set.write(vector);
    return set;
  }

  private void write(IntFunction<float[]> vector) throws IOException {
    ByteBuffer row = ByteBuffer.allocate(dimension * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (int item = 0; item < count; item++) {
        row.asFloatBuffer().put(vector.apply(item));
        out.write(row.array());
      }
    }
  }

  /** The item nodes that a build stages of them, mapped. */
  NodeStore itemNodes(Metric metric) throws IOException {
    Path nodes = nodesFile(metric);
    float[] vector = new float[dimension];
    ByteBuffer node =
        ByteBuffer.allocate(metric.layout().nodeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(nodes))) {
      ByteBuffer rows = in.map(FileChannel.MapMode.READ_ONLY, 0, in.size());
      rows.order(ByteOrder.LITTLE_ENDIAN);
      for (int item = 0; item < count; item++) {
        rows.asFloatBuffer().get(item * dimension, vector);
        metric.writeItem(vector, 0, node);
        out.write(node.array());
      }
    }
    return MappedNodeStore.open(nodes, metric.layout());
  }

  Path nodesFile(Metric metric) {
    return file.resolveSibling(name + "-" + metric.name() + ".nodes");
  }
}
