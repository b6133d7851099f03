package org.annoyspark.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.PrimitiveIterator;
import org.annoyspark.index.ItemSet;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.roaringbitmap.IntIterator;
import org.roaringbitmap.RoaringBitmap;
import org.roaringbitmap.buffer.ImmutableRoaringBitmap;

/**
 * Items as a bitmap, read where its bytes are: an executor is sent them once, and all its tasks
 * share them. At most about a bit for each item of the index, and less where they are few.
 */
final class ItemBitmap implements ItemSet {

  private final ImmutableRoaringBitmap bitmap;

  /**
   * @param bytes in the format that all implementations of RoaringBitmap share
   */
  ItemBitmap(byte[] bytes) {
    this.bitmap = new ImmutableRoaringBitmap(ByteBuffer.wrap(bytes));
  }

  /**
   * The bytes of the items that some ids stand for. What is null or no id of the index stands for
   * none.
   */
  static byte[] bytesOf(Dataset<Row> rows, IdColumn ids, IndexAddress index, TaskConf conf) {
    return rows.javaRDD()
        .mapPartitions(new ToBitmap(ids, index, conf))
        .treeAggregate(bytes(new RoaringBitmap()), ItemBitmap::union, ItemBitmap::union);
  }

  private record ToBitmap(IdColumn ids, IndexAddress index, TaskConf conf)
      implements FlatMapFunction<Iterator<Row>, byte[]>, Serializable {
    @Override
    public Iterator<byte[]> call(Iterator<Row> rows) throws IOException {
      PublishedIndex published = PublishedIndex.open(index, conf.value());
      RoaringBitmap items = new RoaringBitmap();
      while (rows.hasNext()) {
        Row row = rows.next();
        OptionalInt item =
            ids.isNull(row) ? OptionalInt.empty() : published.ids().item(ids.read(row));
        if (item.isPresent() && published.index().isItem(item.getAsInt())) {
          items.add(item.getAsInt());
        }
      }
      return List.of(bytes(items)).iterator();
    }
  }

  private static byte[] union(byte[] some, byte[] others) throws IOException {
    RoaringBitmap all = new RoaringBitmap();
    all.deserialize(ByteBuffer.wrap(some));
    RoaringBitmap more = new RoaringBitmap();
    more.deserialize(ByteBuffer.wrap(others));
    all.or(more);
    return bytes(all);
  }

  private static byte[] bytes(RoaringBitmap items) {
    items.runOptimize();
    byte[] bytes = new byte[items.serializedSizeInBytes()];
    items.serialize(ByteBuffer.wrap(bytes));
    return bytes;
  }

  @Override
  public boolean contains(int item) {
    return bitmap.contains(item);
  }

  @Override
  public long size() {
    return bitmap.getLongCardinality();
  }

  @Override
  public PrimitiveIterator.OfInt iterator() {
    IntIterator items = bitmap.getIntIterator();
    return new PrimitiveIterator.OfInt() {
      @Override
      public boolean hasNext() {
        return items.hasNext();
      }

      @Override
      public int nextInt() {
        return items.next();
      }
    };
  }
}
