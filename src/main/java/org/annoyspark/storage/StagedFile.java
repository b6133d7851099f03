package org.annoyspark.storage;

import java.io.Serializable;
import java.util.List;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.apache.hadoop.fs.Path;

/**
 * A piece of a running build, as the task that wrote it reports it. Its name is of one attempt
 * only, so retries and speculation cannot get in each other's way: the driver goes by the reports.
 *
 * @param path qualified
 * @param crc32c as in {@link IndexFile}
 */
public record StagedFile(String path, long lengthBytes, int checksumChunkBytes, List<String> crc32c)
    implements Serializable {

  public Path toPath() {
    return new Path(path);
  }

  IndexFile expected() {
    return new IndexFile(toPath().getName(), lengthBytes, checksumChunkBytes, crc32c);
  }
}
