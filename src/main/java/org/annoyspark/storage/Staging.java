package org.annoyspark.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where a running build keeps what is not published yet. What a killed build leaves there tells a
 * later one which pieces it need not make again: those with a receipt.
 *
 * <pre>
 * items/_staging-BUILD/          beside the index, for what is renamed into it
 *         build.txt              where the pieces are; then what is built, in words; beside the
 *                                pieces too: without it, the build has ended
 *         multipart-upload       an upload that is open, where the file system has such
 *         KIND-NUMBER-ATTEMPT    a piece, here or in {@link AnnoyConf#STAGING_DIR}/_staging-BUILD
 *         KIND-NUMBER-ATTEMPT.done  its receipt, if a later build can use it: length and checksums
 * </pre>
 */
public final class Staging {

  private static final Logger LOG = System.getLogger(Staging.class.getName());

  static final String PREFIX = "_staging-";

  static final String RECORD = "build.txt";

  private final Configuration conf;
  private final Path path;
  private final Path pieces;

  private Staging(Path path, Path pieces, Configuration conf) {
    this.path = path;
    this.pieces = pieces;
    this.conf = conf;
  }

  /**
   * Creates the staging of a build.
   *
   * @param identity of its pieces: the same text, the same bytes
   * @throws IOException naming the directory, if it cannot be created
   */
  public static Staging create(
      IndexDirectory directory, String build, String identity, Configuration conf)
      throws IOException {
    Path path = new Path(directory.path(), PREFIX + build);
    Path pieces =
        new AnnoyConf(conf).stagingDir().map(dir -> new Path(dir, PREFIX + build)).orElse(path);
    pieces = pieces.getFileSystem(conf).makeQualified(pieces);
    Staging staging = new Staging(path, pieces, conf);
    try {
      create(pieces, conf);
      create(path, conf);
      staging.writeRecord(path, identity);
      if (!pieces.equals(path)) {
        staging.writeRecord(pieces, identity);
      }
    } catch (IOException | RuntimeException e) {
      staging.deleteAfter(e);
      throw e;
    }
    return staging;
  }

  private static void create(Path path, Configuration conf) throws IOException {
    try {
      FileSystem fs = IndexDirectory.fileSystem(path, conf);
      if (fs instanceof LocalFileSystem local) {
        // Hadoop's own way of doing it does not tell why it could not.
        Files.createDirectories(local.pathToFile(path).toPath());
      } else {
        fs.mkdirs(path);
      }
    } catch (IOException e) {
      throw new IOException("staging " + path + ": cannot be created: " + e, e);
    }
  }

  private void writeRecord(Path directory, String identity) throws IOException {
    SmallFile.write(fs(directory), new Path(directory, RECORD), pieces + "\n" + identity);
  }

  /** What builds of the same pieces have left beside the index; none of them must be running. */
  public static List<Staging> left(IndexDirectory directory, String identity, Configuration conf)
      throws IOException {
    List<Staging> left = new ArrayList<>();
    for (String name : directory.stagingNames()) {
      Path path = new Path(directory.path(), name);
      String record = readRecord(path, conf);
      int end = record.indexOf('\n');
      if (end > 0 && record.substring(end + 1).equals(identity)) {
        left.add(new Staging(path, new Path(record.substring(0, end)), conf));
      }
    }
    return left;
  }

  private static String readRecord(Path path, Configuration conf) throws IOException {
    try (InputStream in = path.getFileSystem(conf).open(new Path(path, RECORD))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      return "";
    }
  }

  private FileSystem fs(Path of) throws IOException {
    return IndexDirectory.fileSystem(of, conf);
  }

  /** Beside the index: what stands here can be renamed into it. */
  public Path path() {
    return path;
  }

  /** Where the pieces go. */
  public Path pieces() {
    return pieces;
  }

  /** The build's name. */
  public String build() {
    return path.getName().substring(PREFIX.length());
  }

  /** The receipts of finished pieces, by name. */
  public List<String> receipts() throws IOException {
    FileSystem fs = fs(pieces);
    if (!fs.exists(pieces)) {
      return List.of();
    }
    return Arrays.stream(fs.listStatus(pieces))
        .map(FileStatus::getPath)
        .filter(file -> file.getName().endsWith(StagedFile.RECEIPT_SUFFIX))
        .map(Path::toString)
        .sorted()
        .toList();
  }

  /** Gives up the upload that a killed build has left open, if there is one. */
  public void abortUpload() throws IOException {
    PartUploads.abortLeft(path, conf);
  }

  /**
   * Deletes everything, and aborts uploads of this build's that nobody will complete.
   *
   * @throws IOException if something could not be deleted; uploads are only warned of, for it takes
   *     a permission of its own to list them
   */
  public void delete() throws IOException {
    abortOpenUploads();
    fs(pieces).delete(pieces, true);
    fs(path).delete(path, true);
    // On an object store, a piece that came while its directory was deleted; none comes from now
    // on, for its writer would miss the record.
    fs(pieces).delete(pieces, true);
  }

  /**
   * Makes sure that what a task has written has not come after the deletion. HDFS and local disks
   * miss the directory, but an object store has none: there, the deletion is done again, so that
   * all that may stay is the mark of an empty directory above.
   *
   * @throws IOException if the build that the task is of has ended
   */
  static void checkStands(Path pieces, Configuration conf) throws IOException {
    FileSystem fs = IndexDirectory.fileSystem(pieces, conf);
    if (!fs.exists(new Path(pieces, RECORD))) {
      fs.delete(pieces, true);
      throw new IOException(pieces + ": the build has ended, and its pieces have been removed");
    }
  }

  private void abortOpenUploads() {
    try {
      List<String> names = List.of(path.getName(), IndexDirectory.indexName(build()));
      OpenUploads.abort(path.getParent(), names, conf);
      if (!pieces.equals(path)) {
        OpenUploads.abort(pieces.getParent(), List.of(pieces.getName()), conf);
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(
          Level.WARNING,
          "{0}: uploads of killed tasks may stay open, for the bucket''s lifecycle to end: {1}",
          path,
          e.getMessage());
    }
  }

  private void deleteAfter(Exception cause) {
    for (Path created : List.of(pieces, path)) {
      try {
        fs(created).delete(created, true);
      } catch (IOException | RuntimeException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
