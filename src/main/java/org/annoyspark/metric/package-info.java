/**
 * Everything that differs between Annoy's metrics, bound to a query ({@link
 * org.annoyspark.metric.Query}) or to a node being split ({@link org.annoyspark.metric.Split}).
 * Code elsewhere never asks which metric it has. The formulas are those of docs/annoy-format.md.
 */
package org.annoyspark.metric;
