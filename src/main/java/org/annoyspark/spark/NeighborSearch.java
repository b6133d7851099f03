package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.CandidateFilter;
import org.annoyspark.index.Neighbors;
import org.annoyspark.metric.Metric;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

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

  PublishedIndex open() throws IOException {
    return PublishedIndex.open(address, conf.value());
  }

  BatchBytes batchBytes() {
    return BatchBytes.of(conf.value());
  }

  /**
   * The neighbours of each vector, as rows of id and distance.
   *
   * @param selves for each vector an item that is left out, or -1; null if none is
   * @param only as a {@link CandidateFilter} has it
   * @param excluded the same
   */
  Row[][] nearest(
      PublishedIndex published, float[][] vectors, int[] selves, int[][] only, int[][] excluded) {
    int wanted = selves == null ? k : (int) Math.min(k + 1L, Integer.MAX_VALUE);
    AnnoyIndex index = published.index();
    boolean isFiltered = allowed != null || only != null || excluded != null;
    Neighbors[] found =
        isFiltered
            ? index.nearestToVectors(vectors, wanted, searchK, filter(only, excluded))
            : index.nearestToVectors(vectors, wanted, searchK);
    Row[][] rows = new Row[found.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = rows(found[i], published, selves == null ? -1 : selves[i]);
    }
    return rows;
  }

  private CandidateFilter filter(int[][] only, int[][] excluded) {
    return new CandidateFilter(
        allowed == null ? null : new ItemBitmap(allowed.value()), only, excluded);
  }

  private Row[] rows(Neighbors found, PublishedIndex published, int self) {
    Metric metric = published.index().metric();
    Row[] rows = new Row[found.size()];
    int count = 0;
    for (int i = 0; i < found.size() && count < k; i++) {
      int item = found.items()[i];
      float distance = found.distances()[i];
      if (item != self && (maxDistance == null || metric.isWithin(distance, maxDistance))) {
        rows[count++] = RowFactory.create(published.ids().id(item), distance);
      }
    }
    return Arrays.copyOf(rows, count);
  }
}
