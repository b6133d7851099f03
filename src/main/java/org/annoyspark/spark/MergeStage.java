package org.annoyspark.spark;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.List;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.annoyspark.format.MergePlan;
import org.annoyspark.format.MergedFile;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.storage.AnnoyConf;
import org.annoyspark.storage.PartReceipt;
import org.annoyspark.storage.PartUpload;
import org.annoyspark.storage.StagedFile;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/** Streams the staged pieces, checked, into the final file, a part in each task. */
final class MergeStage implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int CHUNK_BYTES = ChunkChecksums.DEFAULT_CHUNK_BYTES;

  private final MetricChoice metricChoice;
  private final StagedItems items;
  private final List<GrownTree> trees;
  private final TaskConf conf;

  /**
   * @throws IllegalStateException if a tree's file is not as long as its nodes
   */
  MergeStage(MetricChoice metricChoice, StagedItems items, List<GrownTree> trees, TaskConf conf) {
    this.metricChoice = metricChoice;
    this.items = items;
    this.trees = List.copyOf(trees);
    this.conf = conf;
    NodeLayout layout = metricChoice.metric().layout();
    for (GrownTree tree : trees) {
      if (tree.file().lengthBytes() != layout.byteOffset(tree.nodes())) {
        throw new IllegalStateException(
            tree.file().path()
                + ": expected "
                + tree.nodes()
                + " nodes, found "
                + tree.file().lengthBytes()
                + " bytes");
      }
    }
  }

  MergePlan plan() {
    int[] treeNodes = trees.stream().mapToInt(GrownTree::nodes).toArray();
    return new MergePlan(metricChoice.metric().layout(), items.items(), treeNodes);
  }

  /** A part that has been put, and the checksums of its chunks. */
  private record PutPart(PartReceipt receipt, List<String> crc32c) implements Serializable {}

  /**
   * All parts, put and complete.
   *
   * @param receipts in part order
   */
  record Written(List<PartReceipt> receipts, IndexFile file) {}

  /** Puts all parts; the upload is still to be completed. */
  Written run(JavaSparkContext spark, PartUpload upload, String fileName) {
    MergePlan plan = plan();
    long partBytes =
        upload.isParallel() ? new AnnoyConf(conf.value()).partBytes() : plan.totalBytes();
    List<MergePlan.Part> parts = plan.parts(partBytes, CHUNK_BYTES);
    List<PutPart> put = Tasks.run(spark, parts, part -> put(upload, part));
    List<String> crc32c = put.stream().flatMap(part -> part.crc32c().stream()).toList();
    return new Written(
        put.stream().map(PutPart::receipt).toList(),
        new IndexFile(fileName, plan.totalBytes(), CHUNK_BYTES, crc32c));
  }

  private PutPart put(PartUpload upload, MergePlan.Part part) throws IOException {
    MergedFile merged =
        new MergedFile(
            plan(),
            items.pieces().stream().map(this::piece).toList(),
            items.pieceNodes(),
            trees.stream().map(tree -> piece(tree.file())).toList());
    try (Summed bytes = new Summed(merged.open(part.fromByte(), part.toByte()))) {
      PartReceipt receipt =
          upload.put(part, bytes, TaskNames.ofThisAttempt("index", part.number()), conf.value());
      return new PutPart(receipt, bytes.checksums.finish());
    }
  }

  /**
   * Reads the complete file once more, in parts, for what was put need not be what is there.
   *
   * @throws org.annoyspark.format.CorruptIndexException if it is not
   */
  void verify(JavaSparkContext spark, Path target, IndexFile expected) throws IOException {
    long foundBytes = target.getFileSystem(conf.value()).getFileStatus(target).getLen();
    expected.checkLength(target.toString(), foundBytes);
    String file = target.toString();
    List<MergePlan.Part> parts = plan().parts(new AnnoyConf(conf.value()).partBytes(), CHUNK_BYTES);
    List<List<String>> found = Tasks.run(spark, parts, part -> sumUp(file, part));
    expected.check(file, foundBytes, found.stream().flatMap(List::stream).toList());
  }

  private List<String> sumUp(String file, MergePlan.Part part) throws IOException {
    ChunkChecksums checksums = new ChunkChecksums(CHUNK_BYTES);
    byte[] buffer = new byte[1 << 16];
    Path path = new Path(file);
    try (FSDataInputStream in = path.getFileSystem(conf.value()).open(path)) {
      in.seek(part.fromByte());
      for (long left = part.lengthBytes(); left > 0; ) {
        int length = (int) Math.min(buffer.length, left);
        in.readFully(buffer, 0, length);
        checksums.update(buffer, 0, length);
        left -= length;
      }
    }
    return checksums.finish();
  }

  private MergedFile.Piece piece(StagedFile file) {
    return fromByte -> file.open(fromByte, conf.value());
  }

  /** Sums up the bytes that pass; a transfer that starts again is summed up again. */
  private static final class Summed extends FilterInputStream {

    private ChunkChecksums checksums = new ChunkChecksums(CHUNK_BYTES);

    Summed(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      if (read > 0) {
        checksums.update(bytes, offset, read);
      }
      return read;
    }

    /** Only the start can be marked: sums cannot go back to anywhere else. */
    @Override
    public synchronized void mark(int readLimit) {}

    @Override
    public synchronized void reset() throws IOException {
      super.reset();
      checksums = new ChunkChecksums(CHUNK_BYTES);
    }
  }
}
