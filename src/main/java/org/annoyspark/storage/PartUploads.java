package org.annoyspark.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.web.WebHdfsFileSystem;

/** Chooses how a file is written: in the best way that its file system offers. */
public final class PartUploads {

  private static final Logger LOG = System.getLogger(PartUploads.class.getName());

  private PartUploads() {}

  /**
   * Begins to write a file.
   *
   * @param target where it will be visible once complete; must not exist
   * @param staging a directory for what is not complete, on the same file system
   * @param lengthBytes of the whole file
   */
  public static PartUpload begin(Path target, Path staging, long lengthBytes, Configuration conf)
      throws IOException {
    FileSystem fs = IndexDirectory.fileSystem(target, conf);
    if (fs instanceof LocalFileSystem) {
      return OffsetUpload.begin(target, staging, lengthBytes, conf);
    }
    if (fs instanceof WebHdfsFileSystem) {
      // It begins an upload and puts its parts, and has no way to complete it.
      return new SequentialUpload(target, staging);
    }
    try {
      return MultipartUpload.begin(target, staging, conf);
    } catch (UnsupportedOperationException | IOException e) {
      LOG.log(
          Level.WARNING,
          "{0}: no upload in parts, one task writes the whole file: {1}",
          target,
          e.getMessage());
      return new SequentialUpload(target, staging);
    }
  }

  /**
   * Aborts an upload that a killed build has left open.
   *
   * @param staging of that build
   */
  static void abortLeft(Path staging, Configuration conf) throws IOException {
    Optional<MultipartUpload> left = MultipartUpload.left(staging, conf);
    if (left.isPresent()) {
      try {
        left.get().abort(conf);
      } catch (FileNotFoundException e) {
        LOG.log(Level.DEBUG, "{0}: the upload was complete", staging);
      }
    }
  }
}
