package org.annoyspark.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.annoyspark.format.IndexMetadata;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A directory that holds one published index: names of its files, the commit of a build, the
 * removal of builds nobody can hold any more.
 *
 * <pre>
 * items/index-BUILD.ann      the Annoy file, never changed
 *       ids-BUILD.parquet/   when ids are mapped: columns item and id
 *       metadata-BUILD.json  the build's own metadata, for readers that hold it, never changed
 *       metadata.json        the commit point, written last: that of the build in force
 *       _staging-BUILD/      while a build runs: see {@link Staging}
 * </pre>
 */
public final class IndexDirectory {

  /** Files of builds, by their names; the group is the build. */
  private static final Pattern BUILD_FILE =
      Pattern.compile("(?:index|ids|metadata)-(\\d{8}T\\d{9}Z-[0-9a-f]{8})\\.(?:ann|parquet|json)");

  private final FileSystem fs;
  private final Path path;

  /**
   * @param uri of any Hadoop file system; without a scheme, of the default one
   */
  public IndexDirectory(String uri, Configuration conf) throws IOException {
    Path given = new Path(uri);
    this.fs = fileSystem(given, conf);
    this.path = fs.makeQualified(given);
  }

  /** The file system of a path; a local one is told not to litter it with checksum files. */
  public static FileSystem fileSystem(Path path, Configuration conf) throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    if (fs instanceof LocalFileSystem local) {
      local.setWriteChecksum(false);
    }
    return fs;
  }

  public FileSystem fs() {
    return fs;
  }

  /** The qualified path. */
  public Path path() {
    return path;
  }

  public Path metadataFile() {
    return new Path(path, IndexMetadata.FILE_NAME);
  }

  public static String indexName(String build) {
    return "index-" + build + ".ann";
  }

  public static String idsName(String build) {
    return "ids-" + build + ".parquet";
  }

  public static String metadataName(String build) {
    return "metadata-" + build + ".json";
  }

  /** Names of all that a build publishes, but for the commit point. */
  private static List<String> namesOf(String build) {
    return List.of(metadataName(build), indexName(build), idsName(build));
  }

  public boolean isEmpty() throws IOException {
    return fs.listStatus(path).length == 0;
  }

  public boolean isIndex() throws IOException {
    return fs.exists(metadataFile());
  }

  /**
   * The metadata of the published build.
   *
   * @throws FileNotFoundException if there is no such path, or no index in it
   */
  public IndexMetadata readMetadata() throws IOException {
    if (!isIndex()) {
      throw new FileNotFoundException(
          fs.exists(path)
              ? path
                  + ": not an index: expected "
                  + IndexMetadata.FILE_NAME
                  + " in it, found none; a bare Annoy file opens by its own name, with metric and"
                  + " dimension"
              : path + ": no such file or directory");
    }
    return parse(metadataFile());
  }

  /**
   * The metadata of one build, be it in force or replaced.
   *
   * @throws FileNotFoundException if it is not there any more
   */
  IndexMetadata readMetadata(String build) throws IOException {
    Path own = new Path(path, metadataName(build));
    if (!fs.exists(own)) {
      // Of an index that an earlier version published: the commit point has it until it is
      // replaced.
      IndexMetadata inForce = readMetadata();
      if (inForce.build().equals(build)) {
        return inForce;
      }
      if (!fs.exists(own)) {
        throw new FileNotFoundException(
            path
                + ": expected build "
                + build
                + ", found build "
                + inForce.build()
                + "; builds published since have removed it");
      }
    }
    return parse(own);
  }

  private IndexMetadata parse(Path file) throws IOException {
    try (InputStream in = fs.open(file)) {
      return IndexMetadata.parse(file.toString(), in.readAllBytes());
    }
  }

  /**
   * Checks that a build may publish here.
   *
   * @param overwrite whether an index that is there may be replaced
   * @throws IllegalArgumentException if something is in the way
   * @throws org.annoyspark.format.CorruptIndexException if the index that is there is damaged
   */
  public void checkWritable(boolean overwrite) throws IOException {
    if (!fs.exists(path)) {
      return;
    }
    if (!fs.getFileStatus(path).isDirectory()) {
      throw new IllegalArgumentException(
          "output " + path + ": expected a directory or nothing, found a file");
    }
    if (isIndex()) {
      if (!overwrite) {
        throw new IllegalArgumentException(
            "output " + path + ": exists already; --overwrite replaces the index that is there");
      }
      // The commit needs to know the build it replaces: better to find damage now than then.
      readMetadata();
    } else if (holdsOtherFiles()) {
      throw new IllegalArgumentException(
          "output "
              + path
              + ": expected an index, an empty directory or nothing, found a directory with other"
              + " files, which is left alone");
    }
  }

  /**
   * Whether there is something that no build has left. A killed one leaves its staging directory,
   * and files that it was about to publish.
   */
  public boolean holdsOtherFiles() throws IOException {
    if (!fs.exists(path)) {
      return false;
    }
    for (FileStatus status : fs.listStatus(path)) {
      String name = status.getPath().getName();
      if (!name.startsWith(Staging.PREFIX) && !BUILD_FILE.matcher(name).matches()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Gives a build metadata of its own, if it has none, so that it can be read when another one is
   * in force. To be called before a commit: of the build to be published, and of the one that it
   * replaces, which an earlier version may have published.
   *
   * @param staging of the build that calls
   */
  public void keepMetadata(IndexMetadata metadata, Path staging) throws IOException {
    Path own = new Path(path, metadataName(metadata.build()));
    if (!fs.exists(own)) {
      AtomicWrite.write(fs, own, bytes(metadata), staging, true);
    }
  }

  private static byte[] bytes(IndexMetadata metadata) {
    return metadata.toJson().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Makes a build the published one, in one step: readers see the old metadata or the new. {@link
   * AtomicWrite} says how far each kind of file system goes along with this.
   *
   * @param staging of the build
   * @param replace whether an index that is there may be replaced
   * @throws IllegalArgumentException if it may not, and there is one by now
   */
  public void commit(IndexMetadata metadata, Path staging, boolean replace) throws IOException {
    try {
      AtomicWrite.write(fs, metadataFile(), bytes(metadata), staging, replace);
    } catch (java.nio.file.FileAlreadyExistsException
        | org.apache.hadoop.fs.FileAlreadyExistsException e) {
      throw new IllegalArgumentException(
          "output "
              + path
              + ": another build has published an index here meanwhile; --overwrite replaces it",
          e);
    }
  }

  /** Names of staging directories: of builds that run, or that were killed. */
  public List<String> stagingNames() throws IOException {
    if (!fs.exists(path)) {
      return List.of();
    }
    return Arrays.stream(fs.listStatus(path))
        .map(status -> status.getPath().getName())
        .filter(name -> name.startsWith(Staging.PREFIX))
        .sorted()
        .toList();
  }

  /**
   * Deletes the files of builds that neither run nor are in force, nor were before the one in
   * force: replaced ones, those that were killed and whose staging somebody has deleted, and losers
   * among builds that were published at once.
   */
  public void removeOutdated() throws IOException {
    Set<String> outdated = new TreeSet<>();
    for (FileStatus status : fs.listStatus(path)) {
      Matcher name = BUILD_FILE.matcher(status.getPath().getName());
      if (name.matches()) {
        outdated.add(name.group(1));
      }
    }
    // In this order: a build that has files and no staging any more was published before it lost
    // that, so what is read after it is that build or one since.
    stagingNames().forEach(name -> outdated.remove(name.substring(Staging.PREFIX.length())));
    IndexMetadata inForce = readMetadata();
    outdated.remove(inForce.build());
    if (inForce.previousBuild() != null) {
      outdated.remove(inForce.previousBuild());
    }
    for (String build : outdated) {
      removeBuild(build);
    }
  }

  /** Deletes the files of a build. */
  public void removeBuild(String build) throws IOException {
    for (String name : namesOf(build)) {
      fs.delete(new Path(path, name), true);
    }
  }
}
