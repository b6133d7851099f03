package org.annoyspark.spark;

import java.util.Iterator;
import org.annoyspark.storage.IdTable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Gives rows item numbers: int ids that leave few holes are the numbers; all others are numbered in
 * id order.
 */
final class IdMapper {

  private final IdColumn ids;
  private final boolean mapped;

  IdMapper(IdColumn ids, InputSummary summary) {
    this.ids = ids;
    // At least every second number must be an item, or the file would be mostly holes.
    this.mapped = !ids.isInt() || (long) summary.largestId() + 1 > 2 * summary.rows();
  }

  boolean isMapped() {
    return mapped;
  }

  /** Item nodes of the index, holes included. */
  long items(InputSummary summary) {
    return mapped ? summary.rows() : summary.largestId() + 1L;
  }

  /** Where the ids' items are written. */
  ItemPieces pieces(SortedIds sorted, int items, int pieceNodes) {
    return mapped
        ? ItemPieces.ofSorted(sorted, items, pieceNodes)
        : ItemPieces.ofNumbers(items, pieceNodes);
  }

  /** Writes the mapping as Parquet that anyone can read. */
  void writeIds(SparkSession spark, SortedIds sorted, Path directory) {
    StructType schema =
        new StructType(
            new StructField[] {
              DataTypes.createStructField(IdTable.ITEM_COLUMN, DataTypes.IntegerType, false),
              DataTypes.createStructField(IdTable.ID_COLUMN, IdColumn.dataType(ids.type()), false)
            });
    spark
        .createDataFrame(sorted.mapParts(IdMapper::numbered), schema)
        .write()
        .parquet(directory.toString());
  }

  private static Iterator<Row> numbered(
      Iterator<InternalRow> part, IdColumn column, long position) {
    return new Iterator<>() {
      private long item = position;

      @Override
      public boolean hasNext() {
        return part.hasNext();
      }

      @Override
      public Row next() {
        return RowFactory.create(Math.toIntExact(item++), column.read(part.next()));
      }
    };
  }
}
