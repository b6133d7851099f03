package org.annoyspark.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Writes files of few bytes. */
final class SmallFile {

  private SmallFile() {}

  static void write(FileSystem fs, Path path, String text) throws IOException {
    write(fs, path, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Over another, into a directory that is there. */
  static void write(FileSystem fs, Path path, byte[] bytes) throws IOException {
    try (OutputStream out = fs.createFile(path).overwrite(true).build()) {
      out.write(bytes);
    } catch (FSError e) {
      throw failed(path, e);
    }
  }

  /** A full disk does not tell its name, and a local one throws an Error. */
  static IOException failed(Path path, Throwable cause) {
    Throwable told = cause instanceof FSError ? cause.getCause() : cause;
    return new IOException(path + ": cannot be written: " + told.getMessage(), cause);
  }
}
