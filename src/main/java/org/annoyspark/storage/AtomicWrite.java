package org.annoyspark.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.viewfs.ViewFileSystem;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.web.WebHdfsFileSystem;

/**
 * Writes a file of few bytes in one step, over another so that no reader finds it missing, or only
 * if none is there. The step is a rename on local disks and HDFS. Elsewhere it is one creation, and
 * never a rename: that of {@code FileContext} deletes the target first, and object stores have
 * none. Of an object store, S3 among them, readers see the old bytes until the stream is closed. Of
 * what else there is, they may see fewer bytes than were written until then.
 *
 * <p>Whether a file is there is tested in the same step on local disks, HDFS, and S3 from Hadoop
 * 3.4.2 on. Elsewhere the file system tests when the creation begins, and of two writers at once
 * both may believe that they were the only one; the bytes are then those of the later one.
 */
final class AtomicWrite {

  /** S3A of Hadoop 3.4.2 and later puts the object only if none is there; others do not know it. */
  private static final String CREATE_IF_ABSENT = "fs.option.create.conditional.overwrite";

  private AtomicWrite() {}

  /**
   * @param staging a directory of the writer's own on the same file system, for what is renamed
   * @param replace false: a file that exists is an error, told by the file system's own {@code
   *     FileAlreadyExistsException}
   */
  static void write(FileSystem fs, Path to, byte[] bytes, Path staging, boolean replace)
      throws IOException {
    Path staged = new Path(staging, to.getName());
    Options.Rename option = replace ? Options.Rename.OVERWRITE : Options.Rename.NONE;
    if (fs instanceof LocalFileSystem local) {
      SmallFile.write(fs, staged, bytes);
      removeChecksums(local, to);
      renameLocal(local.pathToFile(staged).toPath(), local.pathToFile(to).toPath(), replace);
    } else if (fs instanceof DistributedFileSystem hdfs) {
      SmallFile.write(fs, staged, bytes);
      hdfs.rename(staged, to, option);
    } else if (fs instanceof WebHdfsFileSystem hdfs) {
      SmallFile.write(fs, staged, bytes);
      hdfs.rename(staged, to, option);
    } else if (fs instanceof ViewFileSystem) {
      Path directory = fs.resolvePath(to.getParent());
      FileSystem target = IndexDirectory.fileSystem(directory, fs.getConf());
      write(target, new Path(directory, to.getName()), bytes, fs.resolvePath(staging), replace);
    } else {
      create(fs, to, bytes, replace);
    }
  }

  /** Of what is replaced, as copies by Hadoop have them: nobody could read the new bytes. */
  private static void removeChecksums(LocalFileSystem local, Path file) throws IOException {
    Files.deleteIfExists(local.pathToFile(local.getChecksumFile(file)).toPath());
  }

  /** FileContext would delete the target first. */
  private static void renameLocal(java.nio.file.Path from, java.nio.file.Path to, boolean replace)
      throws IOException {
    if (replace) {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } else {
      linkOrMove(from, to);
    }
  }

  /** A rename replaces, a link does not; a disk without links gets a test and a rename. */
  private static void linkOrMove(java.nio.file.Path from, java.nio.file.Path to)
      throws IOException {
    try {
      Files.createLink(to, from);
      Files.delete(from);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.move(from, to);
    }
  }

  private static void create(FileSystem fs, Path to, byte[] bytes, boolean replace)
      throws IOException {
    FSDataOutputStreamBuilder<?, ?> creation =
        fs.createFile(to).create().recursive().overwrite(replace);
    if (!replace) {
      creation.opt(CREATE_IF_ABSENT, "true");
    }
    FSDataOutputStream out = creation.build();
    try {
      out.write(bytes);
    } catch (IOException | RuntimeException e) {
      abandon(out, e);
      throw e;
    }
    try {
      out.close();
    } catch (PathIOException e) {
      throw isRefusal(e) ? new FileAlreadyExistsException(to.toString(), null, e.toString()) : e;
    }
    if (Thread.currentThread().isInterrupted()) {
      // S3A of Hadoop 3.3 uploads in another thread, and then close returns before that ends.
      throw new InterruptedIOException(to + ": interrupted while it was written");
    }
  }

  /** S3A's name for the refusal of what was to be put if absent; its class may not be there. */
  private static boolean isRefusal(PathIOException e) {
    return e.getClass().getSimpleName().equals("RemoteFileChangedException");
  }

  /** To close the stream would put in place what it has got. */
  private static void abandon(FSDataOutputStream out, Exception cause) {
    try {
      out.abort();
    } catch (UnsupportedOperationException e) {
      cause.addSuppressed(e);
    }
  }
}
