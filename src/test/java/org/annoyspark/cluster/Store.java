package org.annoyspark.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.annoyspark.storage.S3Server;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.S3AFileSystem;

/**
 * A file system that jobs read and write, as this JVM sees it.
 *
 * @param root URI without a slash at the end
 * @param settings of Hadoop that its clients need
 */
record Store(String root, Map<String, String> settings) {

  static Store of(HdfsDaemons hdfs) {
    return new Store(hdfs.uri(), hdfs.settings());
  }

  static Store of(S3Server s3) {
    return new Store("s3a://" + S3Server.BUCKET, s3.settings());
  }

  /** The same bucket through a proxy. */
  static Store of(FaultProxy proxy) {
    return new Store("s3a://" + S3Server.BUCKET, S3Server.settings(proxy.port()));
  }

  FileSystem fileSystem() throws IOException {
    Configuration conf = new Configuration();
    settings.forEach(conf::set);
    return new Path(root).getFileSystem(conf);
  }

  String scheme() {
    return root.substring(0, root.indexOf(':'));
  }

  /** The URI of a path. */
  String at(String path) {
    return root + "/" + path;
  }

  /** Copies a local file there. */
  String upload(java.nio.file.Path local, String path) throws IOException {
    fileSystem().copyFromLocalFile(new Path(local.toUri()), new Path(at(path)));
    return at(path);
  }

  /** Copies a file from there. */
  java.nio.file.Path download(String uri, java.nio.file.Path local) throws IOException {
    try (var in = fileSystem().open(new Path(uri))) {
      Files.copy(in, local);
    }
    return local;
  }

  /** The names in a directory, sorted; none if there is no such directory. */
  List<String> names(String uri) throws IOException {
    try {
      return Arrays.stream(fileSystem().listStatus(new Path(uri)))
          .map(FileStatus::getPath)
          .map(Path::getName)
          .sorted()
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /** The paths of all files below a directory; none if there is no such directory. */
  List<String> files(String uri) throws IOException {
    List<String> files = new ArrayList<>();
    try {
      RemoteIterator<LocatedFileStatus> below = fileSystem().listFiles(new Path(uri), true);
      while (below.hasNext()) {
        files.add(below.next().getPath().toString());
      }
    } catch (FileNotFoundException e) {
      // Not yet, or not any more.
      return List.of();
    }
    return files;
  }

  /**
   * Asserts that an index of mapped ids is in a directory, and nothing else, nor an upload that was
   * never completed; returns the URI of its Annoy file.
   */
  String assertOnlyIndex(String uri) throws IOException {
    List<String> names = names(uri);
    List<String> kinds =
        names.stream().map(name -> name.replaceFirst("-\\d{8}T\\d{9}Z-[0-9a-f]{8}", "")).toList();
    assertEquals(
        List.of("ids.parquet", "index.ann", "metadata.json", "metadata.json"),
        kinds,
        names.toString());
    assertEquals(List.of(), openUploads());
    return uri + "/" + names.get(1);
  }

  /**
   * Uploads in parts that are neither complete nor aborted; only S3 has them apart. Their class is
   * another one before Hadoop 3.4.
   */
  List<?> openUploads() throws IOException {
    return fileSystem() instanceof S3AFileSystem s3 ? s3.listMultipartUploads("") : List.of();
  }
}
