package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.CandidateFilter;
import org.annoyspark.index.Neighbors;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.util.ArrayData;

/**
 * How tasks look for neighbours, whatever they are neighbours of.
 *
 * @param maxDistance null for no bound
 * @param allowed the bytes of an {@link ItemBitmap}; null if all items are allowed
 */
record NeighborSearch(
    IndexAddress address,
    TaskConf conf,
    int k,
    int searchK,
    Float maxDistance,
    Broadcast<byte[]> allowed)
    implements Serializable {

  /** The same in another build. */
  NeighborSearch of(IndexAddress other) {
    return new NeighborSearch(other, conf, k, searchK, maxDistance, allowed);
  }

  /**
   * @throws UncheckedIOException if it cannot be read
   */
  PublishedIndex open() {
    try {
      return PublishedIndex.open(address, conf.value());
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  BatchBytes batchBytes() {
    return BatchBytes.of(conf.value());
  }

  /**
   * The neighbours of each vector, as rows of id and distance that Spark itself would hold.
   *
   * @param selves for each vector an item that is left out, or -1; null if none is
   * @param only as a {@link CandidateFilter} has it
   * @param excluded the same
   */
  ArrayData[] nearest(
      PublishedIndex published, float[][] vectors, int[] selves, int[][] only, int[][] excluded) {
    int wanted = selves == null ? k : (int) Math.min(k + 1L, Integer.MAX_VALUE);
    AnnoyIndex index = published.index();
    boolean isFiltered = allowed != null || only != null || excluded != null;
    Neighbors[] found =
        isFiltered
            ? index.nearestToVectors(vectors, wanted, searchK, filter(only, excluded))
            : index.nearestToVectors(vectors, wanted, searchK);
    ArrayData[] neighbors = new ArrayData[found.length];
    for (int i = 0; i < neighbors.length; i++) {
      neighbors[i] = neighbors(found[i], published, selves == null ? -1 : selves[i]);
    }
    return neighbors;
  }

  private CandidateFilter filter(int[][] only, int[][] excluded) {
    return new CandidateFilter(
        allowed == null ? null : new ItemBitmap(allowed.value()), only, excluded);
  }

  /** What is wanted of a vector's neighbours; moves it to the start of their arrays. */
  private ArrayData neighbors(Neighbors found, PublishedIndex published, int self) {
    Metric metric = published.index().metric();
    int[] items = found.items();
    float[] distances = found.distances();
    int count = 0;
    for (int i = 0; i < found.size() && count < k; i++) {
      if (items[i] != self && (maxDistance == null || metric.isWithin(distances[i], maxDistance))) {
        items[count] = items[i];
        distances[count++] = distances[i];
      }
    }
    return InternalNeighbors.array(published.ids(), items, distances, count);
  }

  /** For {@code EXPLAIN}. */
  @Override
  public String toString() {
    return address + ", k " + k + ", search-k " + searchK;
  }
}
