package org.annoyspark.index;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.annoyspark.format.HeapNodeStore;
import org.annoyspark.format.MergePlan;
import org.annoyspark.format.MergedFile;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.metric.ItemSpread;
import org.annoyspark.metric.Metric;

/** Builds small indexes in memory, by the same pieces as the Spark job. */
public final class MemoryIndex {

  private MemoryIndex() {}

  /** The item nodes of some vectors; a null is a hole. */
  public static NodeStore items(Metric metric, float[][] vectors) {
    return items(metric, vectors, DotNormCap.ofPercent(100));
  }

  static NodeStore items(Metric metric, float[][] vectors, DotNormCap cap) {
    ItemSpread spread = new ItemSpread();
    Arrays.stream(vectors).filter(Objects::nonNull).forEach(spread::add);
    float squaredNormCap = cap.squaredNorm(spread);
    int nodeBytes = metric.layout().nodeBytes();
    byte[] bytes = new byte[vectors.length * nodeBytes];
    for (int i = 0; i < vectors.length; i++) {
      if (vectors[i] != null) {
        ByteBuffer node = ByteBuffer.wrap(bytes, i * nodeBytes, nodeBytes).slice();
        metric.writeItem(vectors[i], squaredNormCap, node.order(ByteOrder.LITTLE_ENDIAN));
      }
    }
    return new HeapNodeStore("memory", metric.layout(), bytes);
  }

  /** The bytes of each tree, as they are staged. */
  static List<byte[]> grow(ForestBuilder builder, int firstTree, int count) throws IOException {
    List<byte[]> trees = new ArrayList<>();
    for (DividedTree tree : builder.divide(firstTree, count)) {
      ByteArrayOutputStream stream = new ByteArrayOutputStream();
      tree.write(into(stream));
      trees.add(stream.toByteArray());
    }
    return trees;
  }

  /** Takes nodes to a stream. */
  static NodeSink into(ByteArrayOutputStream stream) {
    return node -> stream.write(node.array(), 0, node.limit());
  }

  /** The whole file. */
  public static byte[] file(Metric metric, float[][] vectors, int trees, long seed)
      throws IOException {
    return file(metric, vectors, DotNormCap.ofPercent(100), trees, seed);
  }

  /** The whole file, with a norm cap for dot. */
  public static byte[] file(Metric metric, float[][] vectors, DotNormCap cap, int trees, long seed)
      throws IOException {
    NodeStore items = items(metric, vectors, cap);
    return file(metric, items, grow(new ForestBuilder(metric, items, seed, Workers.ONE), 0, trees));
  }

  static byte[] file(Metric metric, NodeStore items, List<byte[]> trees) throws IOException {
    int nodeBytes = metric.layout().nodeBytes();
    int[] treeNodes = trees.stream().mapToInt(tree -> tree.length / nodeBytes).toArray();
    MergePlan plan = new MergePlan(metric.layout(), items.nodeCount(), treeNodes);
    byte[] itemBytes = new byte[items.nodeCount() * nodeBytes];
    ByteBuffer buffer = ByteBuffer.wrap(itemBytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < itemBytes.length; i += 4) {
      buffer.putInt(i, items.readInt(i / nodeBytes, i % nodeBytes));
    }
    MergedFile merged =
        new MergedFile(
            plan,
            List.of(piece(itemBytes)),
            items.nodeCount(),
            trees.stream().map(MemoryIndex::piece).toList());
    return merged.open(0, merged.lengthBytes()).readAllBytes();
  }

  private static MergedFile.Piece piece(byte[] bytes) {
    return from ->
        new ByteArrayInputStream(bytes, Math.toIntExact(from), bytes.length - (int) from);
  }

  /** An index over the file's bytes. */
  public static AnnoyIndex open(Metric metric, byte[] file) {
    return new AnnoyIndex(new HeapNodeStore("memory", metric.layout(), file), metric);
  }
}
