package org.annoyspark.format;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * What {@code metadata.json} says of a published index. The file is the commit point: it is written
 * last and replaced whole, and it names the files that belong together.
 *
 * @param formatVersion {@value #FORMAT_VERSION}
 * @param build sorts by time and is unique; part of the names of the build's files
 * @param metric angular, euclidean, manhattan, dot or hamming
 * @param dimension floats of a vector; bits for hamming
 * @param dotLayout 1.17 or main; null for metrics other than dot
 * @param items item nodes: the largest item id plus one
 * @param holes item nodes that stand for no item
 * @param trees trees of the forest
 * @param nodes nodes of the file: items, tree nodes and root copies
 * @param nodeBytes size of a node
 * @param seed what the random draws came from, of the first trees if there are others
 * @param grown where the trees come from, in the order of the file; without it, from {@code seed}
 *     alone
 * @param ids how item numbers relate to the ids of the input
 * @param file the Annoy file
 * @param createdBy the program and its version
 * @param parameters what was asked for, where the outcome does not tell it
 * @param previousBuild the build that this one replaced, kept for its readers; null for the first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record IndexMetadata(
    int formatVersion,
    String build,
    String metric,
    int dimension,
    String dotLayout,
    int items,
    int holes,
    int trees,
    int nodes,
    int nodeBytes,
    long seed,
    List<SeededTrees> grown,
    Ids ids,
    IndexFile file,
    String createdBy,
    Map<String, String> parameters,
    String previousBuild) {

  public static final int FORMAT_VERSION = 1;

  /** The name of the file in an index directory. */
  public static final String FILE_NAME = "metadata.json";

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          // A later version may add fields that this one can do without.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * @param mapped false: the item number is the id; true: {@code directory} maps one to the other
   * @param type int, long or string
   * @param directory name of the Parquet directory with columns {@code item} and {@code id}; null
   *     when ids are not mapped
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Ids(boolean mapped, String type, String directory) {}

  /**
   * @param name file name, beside the metadata
   * @param checksumChunkBytes size of the chunks that {@code crc32c} is about
   * @param crc32c CRC32C of each chunk, 8 hexadecimal digits
   */
  public record IndexFile(
      String name, long lengthBytes, int checksumChunkBytes, List<String> crc32c) {

    /**
     * @throws CorruptIndexException if what was read is not this file
     */
    public void check(String where, long foundBytes, List<String> foundCrc32c) {
      checkLength(where, foundBytes);
      checkChunks(where, 0, foundCrc32c);
    }

    /** Whether more is known than the length. */
    public boolean hasChecksums() {
      return !crc32c.isEmpty();
    }

    /**
     * Checks a part of the file.
     *
     * @param fromByte where it starts: a multiple of the chunk size
     * @param foundCrc32c of each of its chunks
     * @throws CorruptIndexException if one is another
     */
    public void checkChunks(String where, long fromByte, List<String> foundCrc32c) {
      int first = (int) (fromByte / checksumChunkBytes);
      for (int i = 0; i < foundCrc32c.size(); i++) {
        if (!crc32c.get(first + i).equals(foundCrc32c.get(i))) {
          long from = (long) (first + i) * checksumChunkBytes;
          long to = Math.min(from + checksumChunkBytes, lengthBytes);
          throw new CorruptIndexException(
              where,
              "CRC32C of bytes " + from + " to " + to,
              crc32c.get(first + i),
              foundCrc32c.get(i) + "; the file is damaged");
        }
      }
    }

    /**
     * @throws CorruptIndexException if the length is another
     */
    public void checkLength(String where, long foundBytes) {
      if (foundBytes != lengthBytes) {
        throw new CorruptIndexException(
            where,
            "length in bytes",
            lengthBytes,
            foundBytes + (foundBytes < lengthBytes ? "; the file is truncated" : ""));
      }
    }
  }

  /**
   * Indexes that were published before forests could be joined do not say where trees come from.
   */
  public IndexMetadata {
    grown = grown == null ? List.of(new SeededTrees(seed, 0, trees)) : List.copyOf(grown);
    parameters = parameters == null ? Map.of() : parameters;
  }

  /**
   * The layout of a dot index; of others, which have no choice, the released one.
   *
   * @throws IllegalArgumentException if there is no such layout
   */
  public DotLayout dotLayoutOrReleased() {
    return dotLayout == null ? DotLayout.RELEASED : DotLayout.ofLabel(dotLayout);
  }

  /** The same, as it replaces a build. */
  public IndexMetadata replacing(String build) {
    return new IndexMetadata(
        formatVersion,
        this.build,
        metric,
        dimension,
        dotLayout,
        items,
        holes,
        trees,
        nodes,
        nodeBytes,
        seed,
        grown,
        ids,
        file,
        createdBy,
        parameters,
        build);
  }

  /** CRC32C of all of it, in 8 hexadecimal digits: tells whether two say the same. */
  public String checksum() {
    CRC32C crc = new CRC32C();
    crc.update(toJson().getBytes(StandardCharsets.UTF_8));
    return String.format("%08x", crc.getValue());
  }

  /** The JSON text that {@link #parse} reads. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads and checks metadata.
   *
   * @param where what errors call it: the file's URI
   * @throws CorruptIndexException if it is not JSON, lacks a field or contradicts itself
   */
  public static IndexMetadata parse(String where, byte[] json) {
    IndexMetadata metadata;
    try {
      metadata = JSON.readValue(json, IndexMetadata.class);
    } catch (IOException e) {
      throw new CorruptIndexException(where + ": not the metadata of an index: " + fault(e), e);
    }
    if (metadata == null) {
      throw new CorruptIndexException(where + ": not the metadata of an index: null");
    }
    metadata.check(where);
    return metadata;
  }

  private static String fault(IOException e) {
    String fault = e instanceof JsonProcessingException j ? j.getOriginalMessage() : e.toString();
    String field =
        e instanceof JsonMappingException mapping
            ? mapping.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("."))
            : "";
    return field.isEmpty() ? fault : "field '" + field + "': " + fault;
  }

  /**
   * Checks what {@link #parse} checks, of metadata that is about to be written.
   *
   * @param where what errors call it: the file's URI
   * @throws CorruptIndexException if it lacks a field or contradicts itself
   */
  public void check(String where) {
    require(where, "formatVersion", formatVersion == FORMAT_VERSION, FORMAT_VERSION, formatVersion);
    require(where, "metric", metric != null, "a metric", null);
    require(where, "file", file != null && file.name() != null, "a file name", file);
    require(where, "file.name", !file.name().contains("/"), "a plain file name", file.name());
    require(where, "crc32c", areChecksums(file.crc32c()), "checksums", file.crc32c());
    require(where, "ids", ids != null && ids.type() != null, "an id type", ids);
    require(where, "ids.directory", !ids.mapped() || ids.directory() != null, "a directory", null);
    require(where, "items", items > 0 && items < nodes, "1 to " + (nodes - 1), items);
    require(where, "holes", holes >= 0 && holes < items, "0 to " + (items - 1), holes);
    require(where, "trees", trees > 0 && trees <= nodes - items, "1 to " + (nodes - items), trees);
    for (SeededTrees series : grown) {
      boolean isSound = series.firstTree() >= 0 && series.trees() > 0;
      require(where, "grown", isSound, "trees numbered from 0 on", series);
      require(where, "grown", series.end() <= Integer.MAX_VALUE, "numbers of an int", series);
    }
    long grownTrees = grown.stream().mapToLong(SeededTrees::trees).sum();
    require(where, "trees in grown", grownTrees == trees, trees, grownTrees);
    long expectedBytes = (long) nodes * nodeBytes;
    require(
        where,
        "file.lengthBytes",
        file.lengthBytes() == expectedBytes,
        nodes + " nodes of " + nodeBytes + " bytes = " + expectedBytes,
        file.lengthBytes());
    require(
        where,
        "checksumChunkBytes",
        file.checksumChunkBytes() > 0,
        "more than 0",
        file.checksumChunkBytes());
    long chunks = (file.lengthBytes() - 1) / file.checksumChunkBytes() + 1;
    require(where, "crc32c entries", file.crc32c().size() == chunks, chunks, file.crc32c().size());
  }

  private static boolean areChecksums(List<String> crc32c) {
    return crc32c != null && crc32c.stream().allMatch(Objects::nonNull);
  }

  private static void require(
      String where, String what, boolean holds, Object expected, Object found) {
    if (!holds) {
      throw new CorruptIndexException(where, what, expected, found);
    }
  }
}
