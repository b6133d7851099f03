package org.annoyspark.spark;

import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Hadoop's settings for tasks: some hundred kilobytes, which an executor is sent and reads once,
 * and not with each task.
 */
final class TaskConf implements Serializable {

  private static final long serialVersionUID = 1L;

  private final Broadcast<SerializableConfiguration> conf;

  TaskConf(JavaSparkContext spark, Configuration conf) {
    this.conf = spark.broadcast(new SerializableConfiguration(conf));
  }

  Configuration value() {
    return conf.value().value();
  }
}
