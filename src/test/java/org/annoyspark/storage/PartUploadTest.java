package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.annoyspark.format.MergePlan;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartUploadTest {

  @TempDir Path directory;
  private final Configuration conf = new Configuration();

  private org.apache.hadoop.fs.Path uploads(String scheme) {
    return new org.apache.hadoop.fs.Path(scheme + ":" + directory.resolve("uploads"));
  }

  @Test
  void aLocalFileIsWrittenAtOffsets() throws Exception {
    PartUploadContract contract = new PartUploadContract(uploads("file"), conf);
    contract.partsInAnyOrderMakeTheFile("parts at their offsets");
    contract.abortLeavesNothing();
  }

  /** A file system that Hadoop has no uploader for. */
  @Test
  void anyOtherFileSystemGetsOneStream() throws Exception {
    FaultyFileSystem.register(conf);
    PartUploadContract contract = new PartUploadContract(uploads("faulty"), conf);
    contract.partsInAnyOrderMakeTheFile("one sequential stream");
    contract.abortLeavesNothing();
  }

  /** It has an uploader, and no way to complete what that has put. No server is asked. */
  @Test
  void webHdfsGetsOneStream() throws Exception {
    var target = new org.apache.hadoop.fs.Path("webhdfs://127.0.0.1:1/index/file.ann");
    var staging = new org.apache.hadoop.fs.Path("webhdfs://127.0.0.1:1/s");
    PartUpload upload = PartUploads.begin(target, staging, 9, conf);
    assertEquals("one sequential stream", upload.description());
  }

  @Test
  void aPartThatIsTooShortIsAnError() throws Exception {
    PartUpload upload = begin();
    MergePlan.Part part = new MergePlan.Part(1, 0, 100, true);
    EOFException shortPart =
        assertThrows(
            EOFException.class,
            () -> upload.put(part, new ByteArrayInputStream(new byte[99]), "a", conf));
    String message = shortPart.getMessage();
    assertEquals(
        "part 1: expected to end at byte 100, ended at 99",
        message.substring(message.indexOf("part 1")));
  }

  /** An attempt that outlives the build must not bring its file back. */
  @Test
  void nothingIsPutAfterAnAbort() throws Exception {
    PartUpload upload = begin();
    upload.abort(conf);
    MergePlan.Part part = new MergePlan.Part(1, 0, 100, true);
    assertThrows(
        NoSuchFileException.class,
        () -> upload.put(part, new ByteArrayInputStream(new byte[100]), "a", conf));
  }

  /** The same where a directory comes back with the first file in it. */
  @Test
  void nothingIsStreamedAfterTheEnd() throws Exception {
    FaultyFileSystem.register(conf);
    org.apache.hadoop.fs.Path uploads = uploads("faulty");
    FileSystem fs = uploads.getFileSystem(conf);
    PartUpload upload =
        new PartUploadContract(uploads, conf).begin(new org.apache.hadoop.fs.Path(uploads, "x"));
    fs.delete(new org.apache.hadoop.fs.Path(uploads, "staging"), true);
    MergePlan.Part part = new MergePlan.Part(1, 0, 100, true);
    assertThrows(
        IOException.class,
        () -> upload.put(part, new ByteArrayInputStream(new byte[100]), "a", conf));
    assertEquals(0, fs.listStatus(uploads).length);
  }

  private PartUpload begin() throws Exception {
    org.apache.hadoop.fs.Path uploads = uploads("file");
    return PartUploads.begin(
        new org.apache.hadoop.fs.Path(uploads, "x.ann"),
        new org.apache.hadoop.fs.Path(uploads, "staging"),
        100,
        conf);
  }
}
