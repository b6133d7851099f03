package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.StagedFile;
import org.annoyspark.storage.StagedFileWriter;
import org.apache.hadoop.fs.Path;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Writes item nodes: sorted by item, a fixed range of items to each task. */
final class ItemStage implements Serializable {

  /** What its pieces are called. */
  static final String KIND = "items";

  private static final long serialVersionUID = 1L;

  private final MetricChoice metricChoice;
  private final int items;
  private final int pieceNodes;
  private final float squaredNormCap;
  private final String staging;
  private final SerializableConfiguration conf;

  ItemStage(
      MetricChoice metricChoice,
      int items,
      float squaredNormCap,
      Path staging,
      SerializableConfiguration conf) {
    this.metricChoice = metricChoice;
    this.items = items;
    this.pieceNodes = StagedItems.pieceNodes(metricChoice.metric().layout());
    this.squaredNormCap = squaredNormCap;
    this.staging = staging.toString();
    this.conf = conf;
  }

  /** Which piece an item belongs to: the same ranges however the input was partitioned. */
  private static final class PiecePartitioner extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int pieces;
    private final int pieceNodes;

    PiecePartitioner(int pieces, int pieceNodes) {
      this.pieces = pieces;
      this.pieceNodes = pieceNodes;
    }

    @Override
    public int numPartitions() {
      return pieces;
    }

    @Override
    public int getPartition(Object item) {
      return (Integer) item / pieceNodes;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof PiecePartitioner o
          && o.pieces == pieces
          && o.pieceNodes == pieceNodes;
    }

    @Override
    public int hashCode() {
      return 31 * pieces + pieceNodes;
    }
  }

  /** Runs the stage over rows with their item numbers. */
  StagedItems run(JavaPairRDD<Row, Integer> numbered, VectorColumn vectors) {
    int pieces = (items - 1) / pieceNodes + 1;
    List<StagedFile> files =
        numbered
            .mapToPair(pair -> new Tuple2<>(pair._2(), vectors.read(pair._1())))
            .repartitionAndSortWithinPartitions(new PiecePartitioner(pieces, pieceNodes))
            .mapPartitionsWithIndex((piece, rows) -> List.of(write(piece, rows)).iterator(), true)
            .collect();
    return new StagedItems(items, pieceNodes, files);
  }

  private StagedFile write(int piece, Iterator<Tuple2<Integer, float[]>> rows) throws IOException {
    Metric metric = metricChoice.metric();
    int nodeBytes = metric.layout().nodeBytes();
    byte[] node = new byte[nodeBytes];
    byte[] hole = new byte[nodeBytes];
    ByteBuffer buffer = ByteBuffer.wrap(node).order(ByteOrder.LITTLE_ENDIAN);
    StagedFileWriter writer =
        new StagedFileWriter(new Path(staging), TaskNames.ofThisAttempt(KIND, piece), conf.value());
    try (writer) {
      int next = piece * pieceNodes;
      while (rows.hasNext()) {
        Tuple2<Integer, float[]> row = rows.next();
        for (; next < row._1(); next++) {
          writer.write(hole, 0, nodeBytes);
        }
        Arrays.fill(node, (byte) 0);
        metric.writeItem(row._2(), squaredNormCap, buffer);
        writer.write(node, 0, nodeBytes);
        next++;
      }
      int end = (int) Math.min((piece + 1L) * pieceNodes, items);
      for (; next < end; next++) {
        writer.write(hole, 0, nodeBytes);
      }
    }
    return writer.reportWithReceipt();
  }
}
