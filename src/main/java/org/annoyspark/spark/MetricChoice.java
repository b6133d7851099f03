package org.annoyspark.spark;

import java.io.Serializable;
import org.annoyspark.format.DotLayout;
import org.annoyspark.metric.Metric;

/** What a task makes its metric of. */
record MetricChoice(String name, int dimension, DotLayout dotLayout) implements Serializable {

  Metric metric() {
    return Metric.of(name, dimension, dotLayout);
  }
}
