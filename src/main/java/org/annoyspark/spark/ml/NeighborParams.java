package org.annoyspark.spark.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.FloatParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** What {@link Annoy} and {@link AnnoyModel} have in common: how neighbours are looked for. */
public interface NeighborParams extends Params {

  Param<String> idCol();

  Param<String> featuresCol();

  Param<String> queryCol();

  Param<String> predictionCol();

  IntParam k();

  IntParam searchK();

  FloatParam maxDistance();

  BooleanParam excludeSelf();

  BooleanParam refresh();

  Param<String> candidateFilter();

  Param<String> allowCol();

  Param<String> excludeCol();

  default String getIdCol() {
    return (String) getOrDefault(idCol());
  }

  default String getFeaturesCol() {
    return (String) getOrDefault(featuresCol());
  }

  /** The features column, unless set. */
  default String getQueryCol() {
    return isDefined(queryCol()) ? (String) getOrDefault(queryCol()) : getFeaturesCol();
  }

  default String getPredictionCol() {
    return (String) getOrDefault(predictionCol());
  }

  default int getK() {
    return (Integer) getOrDefault(k());
  }

  default int getSearchK() {
    return (Integer) getOrDefault(searchK());
  }

  /**
   * @throws java.util.NoSuchElementException if there is no bound
   */
  default float getMaxDistance() {
    return (Float) getOrDefault(maxDistance());
  }

  default boolean getExcludeSelf() {
    return (Boolean) getOrDefault(excludeSelf());
  }

  default boolean getRefresh() {
    return (Boolean) getOrDefault(refresh());
  }

  /**
   * @throws java.util.NoSuchElementException if all items may be found
   */
  default String getCandidateFilter() {
    return (String) getOrDefault(candidateFilter());
  }

  /**
   * @throws java.util.NoSuchElementException if there is no such column
   */
  default String getAllowCol() {
    return (String) getOrDefault(allowCol());
  }

  /**
   * @throws java.util.NoSuchElementException if there is no such column
   */
  default String getExcludeCol() {
    return (String) getOrDefault(excludeCol());
  }
}
