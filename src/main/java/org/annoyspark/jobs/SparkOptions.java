package org.annoyspark.jobs;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Option;

/** What every command takes for the sake of Spark and Hadoop. */
final class SparkOptions {

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "The Spark master; without one, spark-submit's or all cores of this machine.")
  private String master;

  @Option(
      names = "--deploy-mode",
      paramLabel = "MODE",
      description =
          "Where spark-submit runs the driver: client, which is here, or cluster, where its output"
              + " goes to the driver's log. Default: client.")
  private String deployMode;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = "A Spark setting, such as spark.hadoop.fs.s3a.endpoint=…; repeatable.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /** A session of its own; the caller closes it. */
  SparkSession openSession(String name) {
    SparkConf conf = conf().setAppName("annoy-spark " + name);
    conf.setIfMissing("spark.master", "local[*]");
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** Hadoop's configuration, for commands that need no Spark job. */
  Configuration hadoopConf() {
    SparkConf conf = conf();
    Configuration hadoop = SparkHadoopUtil.get().newConfiguration(conf);
    for (scala.Tuple2<String, String> setting : conf.getAll()) {
      if (setting._1().startsWith("spark.annoy.")) {
        hadoop.set(setting._1(), setting._2());
      }
    }
    return hadoop;
  }

  private SparkConf conf() {
    SparkConf conf = new SparkConf();
    if (master != null) {
      conf.setMaster(master);
    }
    if (deployMode != null) {
      conf.set("spark.submit.deployMode", deployMode);
    }
    settings.forEach(conf::set);
    return conf;
  }
}
