package org.annoyspark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.IndexMetadata.IndexFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;

/**
 * Local copies of remote files, one a host: whichever process comes first downloads a file, under a
 * lock, to a temporary name, checks it and renames it; the others wait and map the same copy. Files
 * on a local disk are used where they are.
 */
public final class HostIndexCache {

  /** The Hadoop and Spark key for the directory. */
  public static final String DIRECTORY_KEY = "spark.annoy.cache.dir";

  /** Locks of one JVM's threads; a file lock only keeps other processes out. */
  private static final Object THREADS = new Object();

  private final Path directory;
  private final Configuration conf;

  /**
   * @param conf names the directory under {@value #DIRECTORY_KEY}; without it, one of the user's
   *     own below the JVM's temporary directory
   */
  public HostIndexCache(Configuration conf) {
    this.conf = conf;
    String configured = conf.getTrimmed(DIRECTORY_KEY);
    this.directory =
        configured != null
            ? Path.of(configured)
            : Path.of(
                System.getProperty("java.io.tmpdir"),
                "annoy-spark-cache-" + System.getProperty("user.name"));
  }

  /**
   * A local file with the bytes of {@code file}, which must never change.
   *
   * @param expected length and checksums; without checksums only the length is checked
   * @throws org.annoyspark.format.CorruptIndexException if the file is not what is expected
   */
  public Path fetch(org.apache.hadoop.fs.Path file, IndexFile expected) throws IOException {
    FileSystem fs = file.getFileSystem(conf);
    if (fs instanceof LocalFileSystem local) {
      return local.pathToFile(file).toPath();
    }
    Path copy = directory.resolve(key(file, expected));
    synchronized (THREADS) {
      if (!isComplete(copy, expected)) {
        createPrivateDirectory();
        try (FileChannel channel = openLock(copy);
            FileLock lock = channel.lock()) {
          if (lock.isValid() && !isComplete(copy, expected)) {
            download(fs, file, expected, copy);
          }
        }
      }
    }
    return copy;
  }

  /** The same for a piece of a running build; the copy goes when this JVM ends. */
  public Path fetchStaged(StagedFile piece) throws IOException {
    Path local = fetch(piece.toPath(), piece.expected());
    if (local.startsWith(directory)) {
      local.toFile().deleteOnExit();
      lockOf(local).toFile().deleteOnExit();
    }
    return local;
  }

  private static boolean isComplete(Path copy, IndexFile expected) throws IOException {
    return Files.exists(copy) && Files.size(copy) == expected.lengthBytes();
  }

  private static String key(org.apache.hadoop.fs.Path file, IndexFile expected) {
    String identity = file + "\n" + expected.lengthBytes() + "\n" + expected.crc32c();
    return UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8)) + "-" + file.getName();
  }

  private void createPrivateDirectory() throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private FileChannel openLock(Path copy) throws IOException {
    return FileChannel.open(lockOf(copy), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private Path lockOf(Path copy) {
    return directory.resolve(copy.getFileName() + ".lock");
  }

  private void download(
      FileSystem fs, org.apache.hadoop.fs.Path file, IndexFile expected, Path copy)
      throws IOException {
    Path temporary = directory.resolve(copy.getFileName() + ".part-" + UUID.randomUUID());
    try {
      Files.createFile(
          temporary,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (InputStream in = fs.open(file);
          OutputStream out = Files.newOutputStream(temporary)) {
        in.transferTo(out);
      }
      try (InputStream in = Files.newInputStream(temporary)) {
        if (expected.crc32c().isEmpty()) {
          expected.checkLength(file.toString(), Files.size(temporary));
        } else {
          ChunkChecksums.verify(file.toString(), in, expected);
        }
      }
      Files.move(temporary, copy, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
