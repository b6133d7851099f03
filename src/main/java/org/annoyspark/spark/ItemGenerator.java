package org.annoyspark.spark;

import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.annoyspark.storage.PublishedIndex;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;

/** Joins parts of the index's own items with the others: its input is the number of a part. */
final class ItemGenerator extends RowGenerator {

  private static final long serialVersionUID = 1L;

  private final NeighborSearch search;
  private final int parts;
  private final StructType joined;

  /**
   * @param joined columns of ids and of neighbours
   */
  ItemGenerator(NeighborSearch search, int parts, StructType joined, Seq<Expression> inputs) {
    super(inputs);
    this.search = search;
    this.parts = parts;
    this.joined = joined;
  }

  @Override
  protected Partition begin(InternalRow first) {
    return new Partition() {
      @Override
      public Iterator<InternalRow> add(InternalRow input) {
        return joined(input);
      }

      @Override
      public Iterator<InternalRow> end() {
        return Collections.emptyIterator();
      }
    };
  }

  private Iterator<InternalRow> joined(InternalRow input) {
    long part = (Long) children().head().eval(input);
    PublishedIndex published = search.open();
    BatchBytes batchBytes = search.batchBytes();
    long queryBytes = batchBytes.ofQuery(published.index(), search.k(), Float.BYTES);
    return new Batched<>(
        Arrays.stream(published.index().itemsByLeaf((int) part, parts)).iterator(),
        batchBytes.most(),
        item -> queryBytes,
        batch -> join(batch, published));
  }

  private Iterator<InternalRow> join(List<Integer> batch, PublishedIndex published) {
    int[] items = batch.stream().mapToInt(item -> item).toArray();
    float[][] vectors = batch.stream().map(published.index()::itemVector).toArray(float[][]::new);
    ArrayData[] found = search.nearest(published, vectors, items, null, null);
    return IntStream.range(0, items.length)
        .mapToObj(i -> row(InternalNeighbors.id(published.ids(), items[i]), found[i]))
        .iterator();
  }

  private static InternalRow row(Object... values) {
    return new GenericInternalRow(values);
  }

  @Override
  public StructType elementSchema() {
    return joined;
  }

  @Override
  protected RowGenerator of(Seq<Expression> others) {
    return new ItemGenerator(search, parts, joined, others);
  }

  @Override
  protected Object work() {
    return search;
  }

  /** For {@code EXPLAIN}. */
  @Override
  public String toString() {
    return "annoy-spark similar items of " + search;
  }
}
