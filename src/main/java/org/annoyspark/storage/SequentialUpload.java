package org.annoyspark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.annoyspark.format.MergePlan;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Any file system: one task writes the whole file under a name of its own, which is then renamed.
 */
record SequentialUpload(String target, String staging) implements PartUpload {

  SequentialUpload(Path target, Path staging) {
    this(target.toString(), staging.toString());
  }

  @Override
  public String description() {
    return "one sequential stream";
  }

  @Override
  public boolean isParallel() {
    return false;
  }

  @Override
  public PartReceipt put(MergePlan.Part part, InputStream bytes, String attempt, Configuration conf)
      throws IOException {
    Path path = new Path(staging, attempt);
    try (OutputStream out = path.getFileSystem(conf).create(path, true)) {
      bytes.transferTo(out);
    }
    Staging.checkStands(new Path(staging), conf);
    return new PartReceipt(part.number(), path.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void complete(List<PartReceipt> receipts, Configuration conf) throws IOException {
    Path written = new Path(new String(receipts.get(0).handle(), StandardCharsets.UTF_8));
    FileSystem fs = written.getFileSystem(conf);
    if (!fs.rename(written, new Path(target))) {
      throw new IOException("cannot rename " + written + " to " + target);
    }
  }

  /** Attempts' files go with the staging directory. */
  @Override
  public void abort(Configuration conf) {}
}
