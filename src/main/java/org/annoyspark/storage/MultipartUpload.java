package org.annoyspark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.annoyspark.format.MergePlan;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BBPartHandle;
import org.apache.hadoop.fs.BBUploadHandle;
import org.apache.hadoop.fs.MultipartUploader;
import org.apache.hadoop.fs.PartHandle;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UploadHandle;

/** S3 and HDFS, by Hadoop's uploader: handles are bytes, so tasks and the driver can share them. */
record MultipartUpload(String target, byte[] uploadHandle) implements PartUpload {

  static MultipartUpload begin(Path target, Configuration conf) throws IOException {
    try (MultipartUploader uploader = uploader(target, conf)) {
      UploadHandle handle = await(uploader.startUpload(target));
      return new MultipartUpload(target.toString(), handle.toByteArray());
    }
  }

  private static MultipartUploader uploader(Path target, Configuration conf) throws IOException {
    return target.getFileSystem(conf).createMultipartUploader(target.getParent()).build();
  }

  private Path path() {
    return new Path(target);
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
      PartHandle handle = await(putPart(uploader, part, bytes));
      return new PartReceipt(part.number(), handle.toByteArray());
    }
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
      await(uploader.complete(upload(), path(), handles));
    }
  }

  @Override
  public void abort(Configuration conf) throws IOException {
    try (MultipartUploader uploader = uploader(path(), conf)) {
      await(uploader.abort(upload(), path()));
    }
  }

  private static <T> T await(CompletableFuture<T> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while an upload was under way");
    }
  }
}
