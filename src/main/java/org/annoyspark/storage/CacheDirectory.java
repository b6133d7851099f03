package org.annoyspark.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The files of a host's cache:
 *
 * <pre>
 * annoy-spark-cache-USER/       mode 0700
 *   locks                       see {@link CacheLocks}
 *   UUID-NAME                   a checked copy, mode 0600; the UUID stands for what it is a copy of
 *   UUID-NAME.part-UUID         a copy on its way, or left by a process that was killed
 * </pre>
 */
final class CacheDirectory {

  private static final Logger LOG = System.getLogger(CacheDirectory.class.getName());
  private static final String PART = ".part-";
  private static final int UUID_CHARS = 36;

  private final Path path;
  private final Optional<Long> configuredMaxBytes;

  private CacheDirectory(Path path, Optional<Long> configuredMaxBytes) {
    this.path = path;
    this.configuredMaxBytes = configuredMaxBytes;
  }

  /**
   * Opens the directory, and creates it if it is not there.
   *
   * @throws FileSystemException if it is not this user's own and private
   */
  static CacheDirectory open(AnnoyConf conf) throws IOException {
    Path path = conf.cacheDir().resolve("annoy-spark-cache-" + System.getProperty("user.name"));
    try {
      Files.createDirectories(path.getParent());
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (java.nio.file.FileAlreadyExistsException e) {
      checkPrivate(path);
    }
    return new CacheDirectory(path.toRealPath(), conf.cacheMaxBytes());
  }

  /** Whoever may write there could have other users' programs read what he likes. */
  private static void checkPrivate(Path path) throws IOException {
    PosixFileAttributes found =
        Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    boolean othersWrite =
        found.permissions().contains(PosixFilePermission.GROUP_WRITE)
            || found.permissions().contains(PosixFilePermission.OTHERS_WRITE);
    if (!found.isDirectory() || othersWrite || !found.owner().equals(Self.OWNER)) {
      throw new FileSystemException(
          path.toString(),
          null,
          "the cache of this host: expected a directory of user "
              + Self.OWNER.getName()
              + " that nobody else can write to, found "
              + (found.isDirectory() ? "a directory " : "no directory ")
              + "of user "
              + found.owner().getName()
              + " with "
              + PosixFilePermissions.toString(found.permissions())
              + "; "
              + AnnoyConf.CACHE_DIR
              + " names another place");
    }
  }

  /** Whom the files of this process belong to; in a container he may have no name. */
  private static final class Self {
    private static final UserPrincipal OWNER = owner();

    private static UserPrincipal owner() {
      try {
        Path file = Files.createTempFile("annoy-spark", null);
        try {
          return Files.getOwner(file);
        } finally {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  CacheLocks locks() throws IOException {
    return CacheLocks.of(path);
  }

  /** Where the copy stands that {@code identity} tells apart from all others. */
  Path copy(String identity, String name) {
    return path.resolve(
        UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8)) + "-" + name);
  }

  /** What processes lock that use a copy: shared; that remove it: exclusively. */
  static long lease(Path copy) {
    // From 0 to 2^62, and even.
    return UUID.fromString(copy.getFileName().toString().substring(0, UUID_CHARS))
            .getMostSignificantBits()
        >>> 3
        << 1;
  }

  /** What the one process locks that makes a copy. */
  static long making(Path copy) {
    return lease(copy) + 1;
  }

  /** A new private file, to become a copy. */
  Path newPart(Path copy) throws IOException {
    return Files.createFile(
        path.resolve(copy.getFileName() + PART + UUID.randomUUID()),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /** In one step; readers of what stood there before keep it. */
  static void publish(Path part, Path copy) throws IOException {
    Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Tells the eviction that a copy is wanted. */
  static void touch(Path copy) throws IOException {
    Files.setLastModifiedTime(copy, FileTime.from(Instant.now()));
  }

  /** Removes what killed processes left of a copy; to be called by whoever makes it. */
  void removeParts(Path copy) throws IOException {
    String prefix = copy.getFileName() + PART;
    try (DirectoryStream<Path> parts =
        Files.newDirectoryStream(path, file -> file.getFileName().toString().startsWith(prefix))) {
      for (Path part : parts) {
        Files.deleteIfExists(part);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /**
   * Removes what nobody uses, the longest unused first, until the cache stays within its limit with
   * {@code wantedBytes} more, and the disk has room for them.
   *
   * @throws FileSystemException if the disk has no room even then
   */
  void makeRoom(long wantedBytes) throws IOException {
    List<CachedFile> files = files();
    long heldBytes = files.stream().mapToLong(CachedFile::lengthBytes).sum();
    long limitBytes =
        configuredMaxBytes.orElse(Files.getFileStore(path).getTotalSpace() / 2) - wantedBytes;
    for (CachedFile file : files) {
      boolean fits = heldBytes <= limitBytes && usableBytes() >= wantedBytes;
      if (!fits && evict(file)) {
        heldBytes -= file.lengthBytes;
      }
    }
    if (heldBytes > limitBytes) {
      LOG.log(
          Level.INFO,
          "{0}: {1} bytes and {2} more are in use, over the limit of {3}",
          path,
          heldBytes,
          wantedBytes,
          AnnoyConf.CACHE_MAX_BYTES);
    }
    long usableBytes = usableBytes();
    if (usableBytes < wantedBytes) {
      throw new FileSystemException(
          path.toString(),
          null,
          "the cache of this host: expected room for "
              + wantedBytes
              + " bytes, found "
              + usableBytes
              + "; "
              + AnnoyConf.CACHE_DIR
              + " names another place");
    }
  }

  private long usableBytes() throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }

  /** Removes a file unless somebody uses it. */
  private boolean evict(CachedFile file) throws IOException {
    long position = file.isPart() ? making(file.path) : lease(file.path);
    try (CacheLocks.Held held = locks().tryExclusive(position)) {
      return held != null && Files.deleteIfExists(file.path);
    }
  }

  /** Removes a copy unless somebody uses it. */
  void remove(Path copy) throws IOException {
    if (Files.exists(copy)) {
      evict(new CachedFile(copy, 0, FileTime.fromMillis(0)));
    }
  }

  private record CachedFile(Path path, long lengthBytes, FileTime lastUse) {
    boolean isPart() {
      return path.getFileName().toString().contains(PART);
    }
  }

  /** Copies and parts, the longest unused first. */
  private List<CachedFile> files() throws IOException {
    List<CachedFile> files = new ArrayList<>();
    try (Stream<Path> paths = Files.list(path)) {
      for (Path file : paths.filter(CacheDirectory::isCachedFile).toList()) {
        try {
          files.add(new CachedFile(file, Files.size(file), Files.getLastModifiedTime(file)));
        } catch (NoSuchFileException e) {
          // Another process has removed it meanwhile.
          continue;
        }
      }
    }
    files.sort(Comparator.comparing(CachedFile::lastUse));
    return files;
  }

  private static boolean isCachedFile(Path file) {
    return file.getFileName().toString().matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-.+");
  }
}
