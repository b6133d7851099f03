package org.annoyspark.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.annoyspark.format.MergePlan;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BBPartHandle;
import org.apache.hadoop.fs.BBUploadHandle;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.MultipartUploader;
import org.apache.hadoop.fs.PartHandle;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UploadHandle;
import org.apache.hadoop.fs.impl.FileSystemMultipartUploader;

/**
 * S3 and HDFS, by Hadoop's uploader: handles are bytes, so tasks and the driver can share them. An
 * object store keeps an upload at its target; a file system keeps parts in a directory near the
 * file that they become, which is therefore written in the staging directory and then renamed.
 *
 * @param written what is uploaded: the target itself, or a file in staging
 */
record MultipartUpload(String written, String target, byte[] uploadHandle) implements PartUpload {

  /** In the staging directory: what is uploaded, its target, and the handle, a line each. */
  private static final String RECORD = "multipart-upload";

  static MultipartUpload begin(Path target, Path staging, Configuration conf) throws IOException {
    Path written = target;
    try (MultipartUploader uploader = uploader(target, conf)) {
      if (uploader instanceof FileSystemMultipartUploader) {
        checkJoins(staging, conf);
        written = new Path(new Path(staging, "parts"), target.getName());
        target.getFileSystem(conf).mkdirs(written.getParent());
      }
    }
    try (MultipartUploader uploader = uploader(written, conf)) {
      UploadHandle handle = await(written.toString(), uploader.startUpload(written));
      MultipartUpload upload =
          new MultipartUpload(written.toString(), target.toString(), handle.toByteArray());
      upload.writeRecord(staging, conf);
      return upload;
    }
  }

  /** HDFS refuses to join files in an encryption zone, and would do so once all are written. */
  private static void checkJoins(Path staging, Configuration conf) throws IOException {
    FileSystem fs = staging.getFileSystem(conf);
    fs.mkdirs(staging);
    if (fs.getFileStatus(staging).isEncrypted()) {
      throw new UnsupportedOperationException("files in an encryption zone cannot be joined");
    }
  }

  private void writeRecord(Path staging, Configuration conf) throws IOException {
    Path record = new Path(staging, RECORD);
    String handle = Base64.getEncoder().encodeToString(uploadHandle);
    try (OutputStream out = record.getFileSystem(conf).create(record, true)) {
      out.write(String.join("\n", written, target, handle).getBytes(StandardCharsets.UTF_8));
    } catch (IOException | RuntimeException e) {
      abort(conf);
      throw e;
    }
  }

  /** The upload that a killed build may have left open. */
  static Optional<MultipartUpload> left(Path staging, Configuration conf) throws IOException {
    Path record = new Path(staging, RECORD);
    try (InputStream in = record.getFileSystem(conf).open(record)) {
      String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n");
      return lines.length < 3
          ? Optional.empty()
          : Optional.of(
              new MultipartUpload(lines[0], lines[1], Base64.getDecoder().decode(lines[2])));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private static MultipartUploader uploader(Path file, Configuration conf) throws IOException {
    return file.getFileSystem(conf).createMultipartUploader(file.getParent()).build();
  }

  private Path path() {
    return new Path(written);
  }

  private UploadHandle upload() {
    return BBUploadHandle.from(ByteBuffer.wrap(uploadHandle));
  }

  @Override
  public String description() {
    return "multipart upload";
  }

  @Override
  public boolean isParallel() {
    return true;
  }

  @Override
  public PartReceipt put(MergePlan.Part part, InputStream bytes, String attempt, Configuration conf)
      throws IOException {
    try (MultipartUploader uploader = uploader(path(), conf)) {
      PartHandle handle =
          uploader instanceof FileSystemMultipartUploader
              ? writeOwnFile(bytes, attempt, conf)
              : await(written, putPart(uploader, part, bytes));
      return new PartReceipt(part.number(), handle.toByteArray());
    }
  }

  /**
   * What Hadoop's uploader does for a file system, but for the name: Hadoop's is of the part alone,
   * so that a late attempt would spoil what another has put. The upload's handle is the directory
   * of its parts, and a part's handle its path; once the directory is gone, nothing is created.
   */
  private PartHandle writeOwnFile(InputStream bytes, String attempt, Configuration conf)
      throws IOException {
    Path file = new Path(new String(uploadHandle, StandardCharsets.UTF_8), attempt + ".part");
    try (OutputStream out = file.getFileSystem(conf).createFile(file).overwrite(false).build()) {
      bytes.transferTo(out);
    }
    return BBPartHandle.from(ByteBuffer.wrap(file.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** Hadoop 3.4.2 put a flag for the last part among the arguments; 3.4.1 and before have none. */
  @SuppressWarnings("unchecked")
  private CompletableFuture<PartHandle> putPart(
      MultipartUploader uploader, MergePlan.Part part, InputStream bytes) throws IOException {
    try {
      for (Method method : MultipartUploader.class.getMethods()) {
        if (method.getName().equals("putPart")) {
          Object result =
              method.getParameterCount() == 5
                  ? method.invoke(
                      uploader, upload(), part.number(), path(), bytes, part.lengthBytes())
                  : method.invoke(
                      uploader,
                      upload(),
                      part.number(),
                      part.isLast(),
                      path(),
                      bytes,
                      part.lengthBytes());
          return (CompletableFuture<PartHandle>) result;
        }
      }
    } catch (InvocationTargetException e) {
      throw new IOException(path() + ": part " + part.number() + ": " + e.getCause(), e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
    throw new UnsupportedOperationException("this Hadoop's MultipartUploader has no putPart");
  }

  @Override
  public void complete(List<PartReceipt> receipts, Configuration conf) throws IOException {
    Map<Integer, PartHandle> handles = new HashMap<>();
    for (PartReceipt receipt : receipts) {
      handles.put(receipt.number(), BBPartHandle.from(ByteBuffer.wrap(receipt.handle())));
    }
    try (MultipartUploader uploader = uploader(path(), conf)) {
      await(written, uploader.complete(upload(), path(), handles));
    }
    if (!written.equals(target)) {
      FileSystem fs = path().getFileSystem(conf);
      if (!fs.rename(path(), new Path(target))) {
        throw new IOException("cannot rename " + written + " to " + target);
      }
    }
  }

  @Override
  public void abort(Configuration conf) throws IOException {
    try (MultipartUploader uploader = uploader(path(), conf)) {
      await(written, uploader.abort(upload(), path()));
    }
  }

  /** S3A's messages have the key alone, and neither bucket nor scheme. */
  static <T> T await(String file, CompletableFuture<T> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FileNotFoundException missing) {
        throw missing;
      }
      throw new IOException(file + ": " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(file + ": interrupted while it was uploaded");
    }
  }
}
