package org.annoyspark.index;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.SoftReference;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;
import org.annoyspark.format.ChunkChecksums;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.IndexMetadata;
import org.annoyspark.format.MappedNodeStore;
import org.annoyspark.format.NodeStore;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.QuantizedRows;
import org.annoyspark.metric.Query;

/**
 * An index to ask for neighbours: the answers are Annoy's, id for id. Immutable and safe for many
 * threads; each thread keeps scratch memory of one bit per item, and up to 16 bytes for each
 * candidate that a search looks at. Vectors of {@value #LEAST_QUANTIZED} floats or more are also
 * kept with a byte for each, for searches for single vectors with a {@code searchK} of at least 8
 * times k, once a thread has measured as many items as there are; if that takes at most an eighth
 * of the largest heap, and until the collector wants the memory back. {@code
 * -Dannoyspark.quantize=false} turns it off, and changes no answer. A memory-mapped index needs no
 * closing: it is unmapped once nobody can reach it.
 *
 * <p>Items go by number, {@code 0 .. items() - 1}; numbers that stand for no item are holes. Where
 * an index directory maps external ids to numbers, the caller translates.
 */
public final class AnnoyIndex {

  /** Stands for Annoy's default search effort, {@code k * searchRoots()}. */
  public static final int DEFAULT_SEARCH_K = -1;

  private static final boolean QUANTIZE =
      !"false".equals(System.getProperty("annoyspark.quantize"));

  /** Shorter rows take few cache lines as they are. */
  private static final int LEAST_QUANTIZED = 64;

  private static final int QUANTIZED_SHARE_OF_HEAP = 8;

  private final NodeStore store;
  private final Metric metric;
  private final Forest forest;
  private final ThreadLocal<Searcher> searchers;

  /** An index over nodes that are already at hand; checks a sample of them. */
  public AnnoyIndex(NodeStore store, Metric metric) {
    this.store = store;
    this.metric = metric;
    this.forest = new Forest(store, metric);
    new NodeCheck(store, forest, metric).checkSample();
    Supplier<QuantizedRows> quantized = quantizedRows();
    this.searchers =
        ThreadLocal.withInitial(
            () -> new Searcher(store, forest, metric, quantized, forest.items()));
  }

  /** None where they would not pay, or take more of the heap than what they are for is worth. */
  private Supplier<QuantizedRows> quantizedRows() {
    boolean pays = QUANTIZE && metric.canQuantize() && metric.dimension() >= LEAST_QUANTIZED;
    long mostBytes = Runtime.getRuntime().maxMemory() / QUANTIZED_SHARE_OF_HEAP;
    if (!pays || QuantizedRows.bytes(items(), metric.dimension()) > mostBytes) {
      return () -> null;
    }
    // Once the collector has taken them they do not come back: they would be in its way again.
    return new SoftReference<>(new QuantizedRows(items(), metric.dimension()))::get;
  }

  /**
   * Opens an index directory on a local disk: reads {@value IndexMetadata#FILE_NAME}, checks every
   * checksum and maps the file.
   *
   * @throws NoSuchFileException if there is no such index
   * @throws CorruptIndexException if the index is damaged or incomplete
   */
  public static AnnoyIndex open(Path directory) throws IOException {
    Path metadataFile = directory.resolve(IndexMetadata.FILE_NAME);
    if (!Files.exists(metadataFile)) {
      throw new NoSuchFileException(
          directory.toString(),
          null,
          "not an index directory: it has no " + IndexMetadata.FILE_NAME);
    }
    IndexMetadata metadata =
        IndexMetadata.parse(metadataFile.toString(), Files.readAllBytes(metadataFile));
    Path file = directory.resolve(metadata.file().name());
    verifyChecksums(file, metadata);
    return open(file, metadata);
  }

  /**
   * @throws CorruptIndexException if the file is not the one that the metadata describes
   */
  public static void verifyChecksums(Path file, IndexMetadata metadata) throws IOException {
    metadata.file().checkLength(file.toString(), Files.size(file));
    try (InputStream in = Files.newInputStream(file)) {
      ChunkChecksums.verify(file.toString(), in, metadata.file());
    }
  }

  /**
   * Opens the file that metadata describes, whose checksums the caller has checked.
   *
   * @throws CorruptIndexException if file and metadata do not belong together
   */
  public static AnnoyIndex open(Path file, IndexMetadata metadata) throws IOException {
    Metric metric = metricOf(file.toString(), metadata);
    metadata.file().checkLength(file.toString(), Files.size(file));
    AnnoyIndex index = new AnnoyIndex(MappedNodeStore.open(file, metric.layout()), metric);
    if (index.items() != metadata.items()) {
      throw new CorruptIndexException(
          file.toString(), "items, by the last root", metadata.items(), index.items());
    }
    return index;
  }

  /**
   * The metric of a published index.
   *
   * @param where what errors call it: the file's URI
   * @throws CorruptIndexException if there is no such metric, or its nodes have another size
   */
  public static Metric metricOf(String where, IndexMetadata metadata) {
    Metric metric;
    try {
      metric = Metric.of(metadata.metric(), metadata.dimension(), metadata.dotLayoutOrReleased());
    } catch (IllegalArgumentException e) {
      throw new CorruptIndexException(where + ": metadata: " + e.getMessage(), e);
    }
    if (metric.layout().nodeBytes() != metadata.nodeBytes()) {
      throw new CorruptIndexException(
          where, "node bytes of " + metric, metric.layout().nodeBytes(), metadata.nodeBytes());
    }
    return metric;
  }

  /**
   * Opens a bare Annoy file, which does not tell its metric and dimension. What the bytes
   * contradict is refused, but euclidean and manhattan files, for one, look the same.
   *
   * @throws CorruptIndexException if the file cannot be an index of that metric and dimension
   */
  public static AnnoyIndex open(Path file, Metric metric) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "not an Annoy file");
    }
    return new AnnoyIndex(MappedNodeStore.open(file, metric.layout()), metric);
  }

  public Metric metric() {
    return metric;
  }

  /** Item nodes, holes included: the largest item number plus one. */
  public int items() {
    return forest.items();
  }

  public int trees() {
    return forest.trees();
  }

  /** Nodes of the file: items, tree nodes and copies of the roots. */
  public int nodes() {
    return store.nodeCount();
  }

  /**
   * The roots that a search starts from, by which the default search effort is reckoned. As many as
   * trees, unless trees are single buckets: then Annoy counts nearly all of them twice.
   */
  public int searchRoots() {
    return forest.searchRoots().length;
  }

  NodeStore store() {
    return store;
  }

  Forest forest() {
    return forest;
  }

  /** Whether the number stands for an item, and not for a hole. */
  public boolean isItem(int item) {
    return item >= 0 && item < items() && store.descendants(item) == 1;
  }

  /**
   * The nearest items to a vector.
   *
   * @param vector {@code metric().dimension()} finite floats
   * @param k at least 1; fewer are returned when the search meets fewer
   * @param searchK how many candidates to look at, at least 1, or {@link #DEFAULT_SEARCH_K}; more
   *     find more of the true neighbours and take longer
   * @throws IllegalArgumentException if an argument is out of its range
   * @throws CorruptIndexException if the search meets a damaged node
   */
  public Neighbors nearestToVector(float[] vector, int k, int searchK) {
    checkVector(vector);
    long effort = effort(k, searchK);
    Searcher searcher = searchers.get();
    searcher.query().bind(vector);
    return toCallerDistances(searcher.search(k, effort));
  }

  /**
   * The nearest items to each of many vectors: the answers of {@link #nearestToVector}, in the same
   * order as the vectors, sooner where there are thousands of them. All vectors and answers are in
   * memory together; besides them it takes up to 200 MB, or 16 bytes for each neighbour of one
   * vector if that is more.
   *
   * @param vectors as {@link #nearestToVector} takes them
   * @throws IllegalArgumentException if an argument is out of its range
   * @throws CorruptIndexException if the search for any vector meets a damaged node
   */
  public Neighbors[] nearestToVectors(float[][] vectors, int k, int searchK) {
    for (float[] vector : vectors) {
      checkVector(vector);
    }
    Neighbors[] found =
        new BulkSearcher(store, forest, metric).search(vectors, k, effort(k, searchK));
    return Arrays.stream(found).map(this::toCallerDistances).toArray(Neighbors[]::new);
  }

  /**
   * The nearest items to each of many vectors among those that a filter lets pass. A vector that
   * finds fewer than k among {@code searchK} candidates looks at more, until it has k, or all items
   * that it may find have been looked at: then it gets fewer.
   *
   * @param searchK how many candidates to look at first, whether the filter lets them pass or not;
   *     where no more items are allowed than that, each is looked at, and the answer is exact. So
   *     it is for a vector that has a list of the only items that it may find
   * @throws IllegalArgumentException if an argument is out of its range
   * @throws CorruptIndexException if the search for any vector meets a damaged node
   */
  public Neighbors[] nearestToVectors(
      float[][] vectors, int k, int searchK, CandidateFilter filter) {
    filter.checkVectors(vectors.length);
    for (float[] vector : vectors) {
      checkVector(vector);
    }
    Neighbors[] found =
        new FilteredSearch(store, forest, metric, filter).search(vectors, k, effort(k, searchK));
    return Arrays.stream(found).map(this::toCallerDistances).toArray(Neighbors[]::new);
  }

  /**
   * The nearest items to an item, itself included; otherwise as {@link #nearestToVector}.
   *
   * @throws IllegalArgumentException also if there is no such item
   */
  public Neighbors nearestToItem(int item, int k, int searchK) {
    checkItem(item);
    long effort = effort(k, searchK);
    Searcher searcher = searchers.get();
    searcher.query().bindItem(item);
    return toCallerDistances(searcher.search(k, effort));
  }

  /**
   * A part of all items, in the order of a tree's leaves, where near items mostly stand close
   * together: {@link #nearestToVectors} answers fastest for vectors in this order. Each item is in
   * one of the parts.
   *
   * @param part from 0 to {@code parts - 1}
   * @param parts at least 1
   * @throws CorruptIndexException if the tree is damaged
   */
  public int[] itemsByLeaf(int part, int parts) {
    Objects.checkIndex(part, parts);
    return new LeafOrder(store, forest).items(part, parts);
  }

  /**
   * A copy of an item's vector; hamming gives 0 and 1.
   *
   * @throws IllegalArgumentException if there is no such item
   */
  public float[] itemVector(int item) {
    checkItem(item);
    float[] vector = new float[metric.dimension()];
    metric.readItem(store, item, vector);
    return vector;
  }

  /**
   * The distance between two items, as in {@link Neighbors#distances}.
   *
   * @throws IllegalArgumentException if there is no such item
   */
  public float distance(int itemA, int itemB) {
    checkItem(itemA);
    checkItem(itemB);
    float[] distance = new float[1];
    Query query = searchers.get().query();
    query.bindItem(itemA);
    query.load(new int[] {itemB}, 0, 1);
    query.measure(1, distance);
    return metric.toCallerDistance(distance[0]);
  }

  /** A query over the items of this index, for callers that compare with all of them. */
  public Query newQuery() {
    return metric.newQuery(store);
  }

  /** Turns distances of the search into those that callers are told, in place. */
  public Neighbors toCallerDistances(Neighbors found) {
    float[] distances = found.distances();
    for (int i = 0; i < distances.length; i++) {
      distances[i] = metric.toCallerDistance(distances[i]);
    }
    return found;
  }

  private long effort(int k, int searchK) {
    if (k < 1) {
      throw new IllegalArgumentException("k: expected 1 or more, found " + k);
    }
    if (searchK == DEFAULT_SEARCH_K) {
      return (long) k * searchRoots();
    }
    if (searchK < 1) {
      throw new IllegalArgumentException(
          "searchK: expected 1 or more, or -1 for k times the number of roots, found " + searchK);
    }
    return searchK;
  }

  private void checkItem(int item) {
    if (!isItem(item)) {
      String found = item >= 0 && item < items() ? item + ", which is a hole" : "" + item;
      throw new IllegalArgumentException(
          "item: expected one of 0 to " + (items() - 1) + ", found " + found);
    }
  }

  private void checkVector(float[] vector) {
    if (vector.length != metric.dimension()) {
      throw new IllegalArgumentException(
          "query vector: expected dimension "
              + metric.dimension()
              + ", as the index has, found "
              + vector.length);
    }
    for (int i = 0; i < vector.length; i++) {
      if (!Float.isFinite(vector[i])) {
        throw new IllegalArgumentException(
            "query vector: expected finite numbers, found " + vector[i] + " at position " + i);
      }
    }
  }
}
