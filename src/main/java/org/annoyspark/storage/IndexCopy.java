package org.annoyspark.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.annoyspark.format.IndexMetadata;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;

/** A published index, copied to another directory of any file system. */
public final class IndexCopy {

  private IndexCopy() {}

  /**
   * Copies the build that is published now, as one stream through this process; its metadata last,
   * so that the copy is there whole or not at all.
   *
   * @param from an index directory
   * @param to a directory that is not there, or empty
   * @throws IllegalArgumentException if something is in the way
   */
  public static void copy(String from, String to, Configuration conf) throws IOException {
    IndexDirectory source = new IndexDirectory(from, conf);
    IndexDirectory target = new IndexDirectory(to, conf);
    IndexMetadata metadata = source.readMetadata();
    target.checkWritable(false);
    copy(source, target, metadata.file().name(), conf);
    if (metadata.ids().mapped()) {
      copy(source, target, metadata.ids().directory(), conf);
    }
    // The build before stays where it was.
    String json = metadata.replacing(null).toJson();
    try (OutputStream out = target.fs().create(target.metadataFile(), false)) {
      out.write(json.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void copy(
      IndexDirectory source, IndexDirectory target, String name, Configuration conf)
      throws IOException {
    target.fs().mkdirs(target.path());
    Path from = new Path(source.path(), name);
    FileUtil.copy(source.fs(), from, target.fs(), new Path(target.path(), name), false, conf);
  }
}
