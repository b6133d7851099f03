package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.annoyspark.format.MergePlan;
import org.annoyspark.format.NodeLayout;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What every way of writing a file in parts must do; run for each by the tests of its file system.
 */
final class PartUploadContract {

  private static final MergePlan PLAN =
      new MergePlan(NodeLayout.angular(10), 1000, new int[] {200, 300});

  private final Path directory;
  private final Configuration conf;
  private final FileSystem fs;
  private final byte[] bytes = new byte[(int) PLAN.totalBytes()];

  PartUploadContract(Path directory, Configuration conf) throws IOException {
    this.directory = directory;
    this.conf = conf;
    this.fs = directory.getFileSystem(conf);
    new Random(5).nextBytes(bytes);
  }

  /** Parts come late, twice and from other JVMs. */
  void partsInAnyOrderMakeTheFile(String description) throws Exception {
    fs.mkdirs(directory);
    Path target = new Path(directory, "complete.ann");
    PartUpload upload = begin(target);
    assertEquals(description, upload.description());
    List<MergePlan.Part> parts = parts(upload);
    PartReceipt[] receipts = new PartReceipt[parts.size()];
    for (int i = parts.size() - 1; i >= 0; i--) {
      receipts[i] = overTheWire(put(overTheWire(upload), parts.get(i), "first"));
    }
    receipts[0] = put(upload, parts.get(0), "retry");
    dieWhilePutting(upload, parts.get(0));
    assertFalse(fs.exists(target), "visible before it is complete");
    upload.complete(Arrays.asList(receipts), conf);
    try (InputStream in = fs.open(target)) {
      assertArrayEquals(bytes, in.readAllBytes());
    }
    fs.delete(new Path(directory, "staging"), true);
    assertEquals(List.of("complete.ann"), names());
    fs.delete(target, false);
  }

  void abortLeavesNothing() throws Exception {
    fs.mkdirs(directory);
    PartUpload upload = begin(new Path(directory, "aborted.ann"));
    put(upload, parts(upload).get(0), "first");
    upload.abort(conf);
    fs.delete(new Path(directory, "staging"), true);
    assertEquals(List.of(), names());
  }

  PartUpload begin(Path target) throws IOException {
    Path staging = new Path(directory, "staging");
    fs.create(new Path(staging, Staging.RECORD), true).close();
    return PartUploads.begin(target, staging, PLAN.totalBytes(), conf);
  }

  private static List<MergePlan.Part> parts(PartUpload upload) {
    return PLAN.parts(upload.isParallel() ? 10_000 : PLAN.totalBytes(), 1000);
  }

  private PartReceipt put(PartUpload upload, MergePlan.Part part, String attempt)
      throws IOException {
    InputStream in =
        new ByteArrayInputStream(bytes, (int) part.fromByte(), (int) part.lengthBytes());
    return upload.put(part, in, attempt + "-" + part.number(), conf);
  }

  /** An attempt that begins when another's receipt is already chosen. */
  private void dieWhilePutting(PartUpload upload, MergePlan.Part part) {
    InputStream dying =
        new ByteArrayInputStream(bytes, (int) part.fromByte(), (int) part.lengthBytes()) {
          @Override
          public synchronized int read(byte[] target, int from, int length) {
            if (pos - part.fromByte() > part.lengthBytes() / 2) {
              throw new IllegalStateException("killed");
            }
            return super.read(target, from, Math.min(length, 1000));
          }

          @Override
          public long transferTo(OutputStream out) throws IOException {
            byte[] some = new byte[1000];
            for (int read = read(some, 0, 1000); ; read = read(some, 0, 1000)) {
              out.write(some, 0, read);
            }
          }
        };
    assertThrows(Exception.class, () -> upload.put(part, dying, "late", conf));
  }

  private List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    for (FileStatus status : fs.listStatus(directory)) {
      names.add(status.getPath().getName());
    }
    return names;
  }

  @SuppressWarnings("unchecked")
  private static <T> T overTheWire(T object) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ObjectOutputStream(out).writeObject(object);
    return (T) new ObjectInputStream(new ByteArrayInputStream(out.toByteArray())).readObject();
  }
}
