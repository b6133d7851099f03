package org.annoyspark.storage;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * Renames a file in one step, over another so that no reader finds it missing, or only if none is.
 */
final class AtomicRename {

  private AtomicRename() {}

  /**
   * @param replace false: a target that exists is an error, told by the file system's own {@code
   *     FileAlreadyExistsException}
   */
  static void rename(FileSystem fs, Path from, Path to, boolean replace) throws IOException {
    if (fs instanceof LocalFileSystem local) {
      renameLocal(local.pathToFile(from).toPath(), local.pathToFile(to).toPath(), replace);
    } else {
      FileContext.getFileContext(to.toUri(), fs.getConf())
          .rename(from, to, replace ? Options.Rename.OVERWRITE : Options.Rename.NONE);
    }
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
}
