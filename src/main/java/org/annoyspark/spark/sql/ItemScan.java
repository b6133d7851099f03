package org.annoyspark.spark.sql;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.annoyspark.spark.ItemRows;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Reads a part of an index's items, in item order, which is id order.
 *
 * @param columns those that are wanted, in their order
 * @param ids the only ones that are wanted, or null for all
 * @param parts how many parts there are
 */
record ItemScan(
    IndexAddress index,
    SerializableConfiguration conf,
    List<String> columns,
    List<Object> ids,
    int parts)
    implements FlatMapFunction<Integer, Row>, Serializable {

  @Override
  public Iterator<Row> call(Integer part) throws IOException {
    PublishedIndex published = PublishedIndex.open(index, conf.value());
    return items(part, published)
        .filter(published.index()::isItem)
        .mapToObj(item -> row(item, published))
        .iterator();
  }

  private IntStream items(int part, PublishedIndex published) {
    if (ids != null) {
      return ids.stream().flatMapToInt(id -> published.ids().item(id).stream());
    }
    long items = published.index().items();
    return IntStream.range((int) (items * part / parts), (int) (items * (part + 1) / parts));
  }

  private Row row(int item, PublishedIndex published) {
    Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          columns.get(i).equals(ItemRows.ID_COLUMN)
              ? published.ids().id(item)
              : published.index().itemVector(item);
    }
    return RowFactory.create(values);
  }
}
