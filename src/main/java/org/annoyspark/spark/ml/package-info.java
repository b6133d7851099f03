/** Spark ML's door: an estimator that builds an index, and a model that joins with it. */
package org.annoyspark.spark.ml;
