/** Spark SQL's doors: functions that ask an index, and a format that writes and reads one. */
package org.annoyspark.spark.sql;
