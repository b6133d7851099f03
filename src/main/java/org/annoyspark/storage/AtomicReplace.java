package org.annoyspark.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/** Renames over a file that may exist, so that no reader finds it missing. */
final class AtomicReplace {

  private AtomicReplace() {}

  static void rename(FileSystem fs, Path from, Path to) throws IOException {
    if (fs instanceof LocalFileSystem local) {
      // FileContext would delete the target first.
      Files.move(
          local.pathToFile(from).toPath(),
          local.pathToFile(to).toPath(),
          StandardCopyOption.ATOMIC_MOVE);
    } else {
      FileContext.getFileContext(to.toUri(), fs.getConf())
          .rename(from, to, Options.Rename.OVERWRITE);
    }
  }
}
