package org.annoyspark.cluster;

import java.io.IOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/** Parts of open uploads, by an SDK that S3A has had since Hadoop 3.4. */
final class UploadedParts {

  private UploadedParts() {}

  /** How many parts have been put to uploads that are neither complete nor aborted. */
  static int count(Store store) throws IOException {
    S3AFileSystem s3 = (S3AFileSystem) store.fileSystem();
    int parts = 0;
    RemoteIterator<MultipartUpload> uploads = s3.listUploads(null);
    while (uploads.hasNext()) {
      MultipartUpload upload = uploads.next();
      parts +=
          s3.getS3AInternals()
              .getAmazonS3Client("count parts")
              .listParts(
                  request ->
                      request.bucket(s3.getBucket()).key(upload.key()).uploadId(upload.uploadId()))
              .parts()
              .size();
    }
    return parts;
  }
}
