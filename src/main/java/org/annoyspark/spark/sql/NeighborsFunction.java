package org.annoyspark.spark.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.index.Neighbors;
import org.annoyspark.spark.InternalNeighbors;
import org.annoyspark.spark.KnnJoin;
import org.annoyspark.storage.IndexAddress;
import org.annoyspark.storage.PublishedIndex;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;

/**
 * The neighbours of a vector or an item, as {@code array<struct<id, distance>>}: for each row,
 * unless {@link BatchedLookups} has many rows asked for together.
 */
abstract class NeighborsFunction extends IndexFunction<ArrayData> {

  private static final long serialVersionUID = 1L;

  /** The argument that says whose neighbours are wanted. */
  static final int TARGET = 1;

  private static final int K = 2;
  private static final int SEARCH_K = 3;

  private final String idType;
  final int k;
  final int searchK;

  private NeighborsFunction(Arguments arguments, IndexAddress index, DataType targetType) {
    super(arguments, index, inputTypes(arguments, targetType));
    this.idType = index.idType();
    this.k = arguments.constantInt(K);
    this.searchK =
        arguments.has(SEARCH_K) ? arguments.constantInt(SEARCH_K) : AnnoyIndex.DEFAULT_SEARCH_K;
    try {
      new KnnJoin(k).searchK(searchK);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name() + ": " + e.getMessage(), e);
    }
  }

  private static DataType[] inputTypes(Arguments arguments, DataType targetType) {
    DataType[] types = arguments.types();
    types[TARGET] = targetType;
    return types;
  }

  static NeighborsFunction ofVector(Arguments arguments) {
    IndexAddress index = arguments.index();
    return new OfVector(arguments, index, VectorArgument.of(arguments, TARGET, index.dimension()));
  }

  static NeighborsFunction ofItem(Arguments arguments) {
    IndexAddress index = arguments.index();
    return new OfItem(arguments, index, arguments.idType(TARGET, index));
  }

  @Override
  public DataType resultType() {
    return KnnJoin.neighborsType(idType);
  }

  @Override
  String settings() {
    return name() + " k " + k + " search_k " + searchK;
  }

  /** The vector whose neighbours the value of a column asks for; null if there is none. */
  abstract float[] vector(InternalRow row, int column);

  @Override
  public final ArrayData produceResult(InternalRow input) {
    return produceResult(vector(input, TARGET));
  }

  final ArrayData produceResult(float[] vector) {
    return vector == null
        ? null
        : toArray(published().index().nearestToVector(vector, k, searchK), published());
  }

  /** What {@link #produceResult} gives for each of many vectors. */
  final List<ArrayData> produceResults(List<float[]> vectors) {
    float[][] targets = vectors.stream().filter(Objects::nonNull).toArray(float[][]::new);
    Neighbors[] found = published().index().nearestToVectors(targets, k, searchK);
    List<ArrayData> results = new ArrayList<>(vectors.size());
    int next = 0;
    for (float[] vector : vectors) {
      results.add(vector == null ? null : toArray(found[next++], published()));
    }
    return results;
  }

  private static ArrayData toArray(Neighbors found, PublishedIndex published) {
    return InternalNeighbors.array(published.ids(), found.items(), found.distances(), found.size());
  }

  private static final class OfVector extends NeighborsFunction {

    private static final long serialVersionUID = 1L;

    private final VectorArgument vector;

    OfVector(Arguments arguments, IndexAddress index, VectorArgument vector) {
      super(arguments, index, vector.type());
      this.vector = vector;
    }

    @Override
    float[] vector(InternalRow row, int column) {
      return row.isNullAt(column) ? null : vector.read(row, column);
    }
  }

  private static final class OfItem extends NeighborsFunction {

    private static final long serialVersionUID = 1L;

    OfItem(Arguments arguments, IndexAddress index, DataType idType) {
      super(arguments, index, idType);
    }

    @Override
    float[] vector(InternalRow row, int column) {
      OptionalInt item = item(row, column, inputTypes()[TARGET]);
      return item.isEmpty() ? null : published().index().itemVector(item.getAsInt());
    }
  }
}
