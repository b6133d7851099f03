package org.annoyspark.spark;

import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;

/** How the growing of trees is divided into tasks; it does not show in their bytes. */
interface TreePlan {

  /**
   * Grows trees.
   *
   * @param trees their numbers, ascending
   */
  List<GrownTree> grow(JavaSparkContext spark, List<Integer> trees, Slots slots);
}
