package org.annoyspark.storage;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BBUploadHandle;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.MultipartUploader;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Uploads to S3 that nobody will complete: of writers that were killed, and those whose first reply
 * was lost, so that the client began another. No file shows them and no delete ends them, but S3
 * has them paid for.
 *
 * <p>Hadoop's {@code abortUploadsUnderPath} sees no upload to a file of a given name, only those
 * below a directory, and no more than a thousand. S3A lists them all; its method is looked up by
 * name, as not every class path has S3A, and versions of it differ in what they list.
 */
final class OpenUploads {

  private OpenUploads() {}

  /**
   * Aborts uploads to certain files, or to any below them if they are directories; on other file
   * systems than S3A there are none.
   *
   * @param names of children of the directory
   */
  static void abort(Path directory, List<String> names, Configuration conf) throws IOException {
    FileSystem fs = directory.getFileSystem(conf);
    String path = fs.makeQualified(directory).toUri().getPath();
    String prefix = path.endsWith("/") ? path.substring(1) : path.substring(1) + "/";
    RemoteIterator<?> uploads = list(fs, prefix);
    if (uploads == null || !uploads.hasNext()) {
      return;
    }
    try (MultipartUploader uploader = fs.createMultipartUploader(directory).build()) {
      while (uploads.hasNext()) {
        Object upload = uploads.next();
        String key = text(upload, "key", "getKey");
        if (names.stream().anyMatch(name -> (key + "/").startsWith(prefix + name + "/"))) {
          byte[] id = text(upload, "uploadId", "getUploadId").getBytes(StandardCharsets.UTF_8);
          Path file = fs.makeQualified(new Path("/" + key));
          MultipartUpload.await(
              file.toString(), uploader.abort(BBUploadHandle.from(ByteBuffer.wrap(id)), file));
        }
      }
    }
  }

  /** Null where there is no such list. */
  private static RemoteIterator<?> list(FileSystem fs, String prefix) throws IOException {
    try {
      String all = prefix.isEmpty() ? null : prefix;
      return (RemoteIterator<?>)
          fs.getClass().getMethod("listUploads", String.class).invoke(fs, all);
    } catch (NoSuchMethodException e) {
      return null;
    } catch (InvocationTargetException e) {
      throw new IOException(
          fs.getUri() + ": open uploads cannot be listed: " + e.getCause(), e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The AWS SDK has called its properties anew in version 2. */
  private static String text(Object upload, String name, String nameBefore) {
    try {
      return (String) upload.getClass().getMethod(name).invoke(upload);
    } catch (NoSuchMethodException e) {
      if (nameBefore.equals(name)) {
        throw new IllegalStateException(e);
      }
      return text(upload, nameBefore, nameBefore);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(e);
    }
  }
}
