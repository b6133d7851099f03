package org.annoyspark.spark.ml;

import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.spark.KnnJoin;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.FloatParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/** The params of {@link NeighborParams}, made for an owner that has its uid already. */
final class NeighborParamSet {

  final Param<String> idCol;
  final Param<String> featuresCol;
  final Param<String> queryCol;
  final Param<String> predictionCol;
  final IntParam k;
  final IntParam searchK;
  final FloatParam maxDistance;
  final BooleanParam excludeSelf;
  final BooleanParam refresh;
  final Param<String> candidateFilter;
  final Param<String> allowCol;
  final Param<String> excludeCol;

  NeighborParamSet(NeighborParams owner) {
    idCol =
        column(
            owner,
            "idCol",
            "column of ids: int, bigint or string. Recall and time are the same for each; ids other"
                + " than ints take room for a table");
    featuresCol =
        column(
            owner,
            "featuresCol",
            "column of vectors: array<float>, array<double> or MLlib vectors, each of which becomes"
                + " floats; longer ones take more time and more size");
    queryCol =
        column(
            owner,
            "queryCol",
            "column of the vectors to find neighbors of; the features column unless set. Recall is"
                + " what it is for items only where queries are like them");
    predictionCol =
        column(
            owner,
            "predictionCol",
            "column to add: array<struct<id, distance>>, nearest first; its size grows with k");
    k =
        new IntParam(
            owner,
            "k",
            "how many neighbors a row gets, at least 1. More take longer; the default of searchK"
                + " grows with it",
            Checks.<Integer, Object>of(KnnJoin::new));
    searchK =
        new IntParam(
            owner,
            "searchK",
            "how many candidates to look at for a row, at least 1, or -1 for k times the trees. More"
                + " find more of the true neighbors and take longer; the index stays as it is",
            Checks.<Integer, Object>of(value -> new KnnJoin(1).searchK(value)));
    maxDistance =
        new FloatParam(
            owner,
            "maxDistance",
            "leaves out neighbors farther than that; for dot, those of a smaller inner product. No"
                + " bound unless set. Neither recall nor time change",
            Checks.<Float, Object>of(value -> new KnnJoin(1).maxDistance(value)));
    excludeSelf =
        new BooleanParam(
            owner,
            "excludeSelf",
            "whether to leave out the neighbor whose id is the row's own; the default of searchK"
                + " counts it in, so recall and time stay");
    refresh =
        new BooleanParam(
            owner,
            "refresh",
            "whether a stream moves on to an index that is published at the same place later,"
                + " between two micro-batches. Not with candidateFilter. Takes the time of reading the"
                + " index's metadata for each");
    candidateFilter =
        column(
            owner,
            "candidateFilter",
            "table or view whose column idCol has the only ids that may be neighbors; it is read"
                + " when rows are transformed. All items unless set. Fewer allowed items take"
                + " longer, until there are no more than searchK: then the answers are exact");
    allowCol =
        column(
            owner,
            "allowCol",
            "column of lists of the only ids that a row may have for neighbors, all of which are"
                + " looked at, so recall is 1 and time grows with the list; with null any, with an"
                + " empty list none");
    excludeCol =
        column(
            owner,
            "excludeCol",
            "column of lists of ids that a row may not have for neighbors, or null. Time grows by a"
                + " little, for what is left out is made up for");
    owner.setDefault(idCol, "id");
    owner.setDefault(featuresCol, "features");
    owner.setDefault(predictionCol, KnnJoin.NEIGHBORS_COLUMN);
    owner.setDefault(k, 10);
    owner.setDefault(searchK, AnnoyIndex.DEFAULT_SEARCH_K);
    owner.setDefault(excludeSelf, false);
    owner.setDefault(refresh, false);
  }

  private static Param<String> column(NeighborParams owner, String name, String doc) {
    return new Param<>(owner, name, doc, Checks.notEmpty(name));
  }
}
