package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.StagedFile;
import org.annoyspark.storage.StagedFileWriter;
import org.annoyspark.vector.VectorUtil;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Tuple2;

/**
 * Writes item nodes: each row becomes its node where it is read, goes to the task of its piece, and
 * finds its place there.
 */
final class ItemStage implements Serializable {

  /** What its pieces are called. */
  static final String KIND = "items";

  private static final long serialVersionUID = 1L;

  private final MetricChoice metricChoice;
  private final ItemPieces pieces;
  private final float squaredNormCap;
  private final String staging;
  private final TaskConf conf;

  ItemStage(
      MetricChoice metricChoice,
      ItemPieces pieces,
      float squaredNormCap,
      Path staging,
      TaskConf conf) {
    this.metricChoice = metricChoice;
    this.pieces = pieces;
    this.squaredNormCap = squaredNormCap;
    this.staging = staging.toString();
    this.conf = conf;
  }

  /** A piece, and the sums of the hashes of its ids and of its rows. */
  private record Written(StagedFile file, long idHash, long contentHash) implements Serializable {}

  /**
   * The item nodes.
   *
   * @param areAsChecked whether their vectors are those that were checked
   */
  record Staged(StagedItems items, boolean areAsChecked) {}

  /**
   * Runs the stage.
   *
   * @param checked what was found out about the rows before
   * @throws InvalidInputException if other ids come now
   */
  Staged run(JavaSparkContext spark, InputRows input, InputSummary checked) {
    VectorColumn vectors = input.vectors();
    IdColumn ids = input.ids();
    List<Written> written =
        Tasks.collect(
            input
                .internal()
                .flatMapToPair(row -> keyedNode(row, vectors, ids))
                .partitionBy(pieces)
                .mapPartitionsWithIndex(
                    (piece, rows) -> List.of(Tasks.toBytes(write(piece, rows))).iterator(), true));
    if (written.stream().mapToLong(Written::idHash).sum() != checked.idHash()) {
      throw InputCheck.otherIds();
    }
    List<StagedFile> files = written.stream().map(Written::file).toList();
    long contentHash = written.stream().mapToLong(Written::contentHash).sum();
    boolean areAsChecked = contentHash == checked.contentHash();
    if (areAsChecked) {
      // Not before: a later build would go on from what was never compared.
      Tasks.run(spark, files, this::writeReceipt);
    }
    return new Staged(new StagedItems(pieces.items(), pieces.pieceNodes(), files), areAsChecked);
  }

  private boolean writeReceipt(StagedFile piece) throws IOException {
    piece.writeReceipt(conf.value());
    return true;
  }

  /** An id's key with a node; none for a row that would not have passed the check. */
  private Iterator<Tuple2<byte[], byte[]>> keyedNode(
      InternalRow row, VectorColumn vectors, IdColumn ids) {
    if (row.isNullAt(ids.index()) || row.isNullAt(vectors.index)) {
      return Collections.emptyIterator();
    }
    float[] vector = vectors.read(row);
    Metric metric = metricChoice.metric();
    if (vector.length != metric.dimension() || !VectorUtil.isFinite(vector)) {
      return Collections.emptyIterator();
    }
    byte[] key = ids.readKey(row);
    byte[] node = hashedNode(metric, vector, RowHash.of(key, vector));
    return Collections.singleton(new Tuple2<>(key, node)).iterator();
  }

  /** The node, and the row's hash behind it. */
  private byte[] hashedNode(Metric metric, float[] vector, long hash) {
    int nodeBytes = metric.layout().nodeBytes();
    ByteBuffer node = littleEndian(new byte[nodeBytes + Long.BYTES]);
    metric.writeItem(vector, squaredNormCap, node);
    node.putLong(nodeBytes, hash);
    return node.array();
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A piece is small enough to be put in order in memory. */
  private Written write(int piece, Iterator<Tuple2<byte[], byte[]>> rows) throws IOException {
    int nodeBytes = metricChoice.metric().layout().nodeBytes();
    int first = pieces.firstItem(piece);
    int end = pieces.endItem(piece);
    byte[] nodes = new byte[(end - first) * nodeBytes];
    byte[][] keys = new byte[end - first][];
    int count = 0;
    long idHash = 0;
    long contentHash = 0;
    while (rows.hasNext()) {
      Tuple2<byte[], byte[]> row = rows.next();
      if (count == keys.length || !pieces.has(piece, row._1())) {
        // No row that was checked: its hash will be missed.
        continue;
      }
      System.arraycopy(row._2(), 0, nodes, count * nodeBytes, nodeBytes);
      keys[count++] = row._1();
      idHash += RowHash.of(row._1());
      contentHash += littleEndian(row._2()).getLong(nodeBytes);
    }
    StagedFileWriter writer =
        new StagedFileWriter(new Path(staging), TaskNames.ofThisAttempt(KIND, piece), conf.value());
    try (writer) {
      byte[] hole = new byte[nodeBytes];
      int next = first;
      for (int node : inIdOrder(keys, count)) {
        int item = pieces.item(keys[node], next);
        for (; next < item; next++) {
          writer.write(hole, 0, nodeBytes);
        }
        writer.write(nodes, node * nodeBytes, nodeBytes);
        next++;
      }
      for (; next < end; next++) {
        writer.write(hole, 0, nodeBytes);
      }
    }
    return new Written(writer.report(), idHash, contentHash);
  }

  private static int[] inIdOrder(byte[][] keys, int count) {
    return IntStream.range(0, count)
        .boxed()
        .sorted((a, b) -> Arrays.compareUnsigned(keys[a], keys[b]))
        .mapToInt(node -> node)
        .toArray();
  }
}
