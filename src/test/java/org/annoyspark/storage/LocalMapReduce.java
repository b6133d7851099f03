package org.annoyspark.storage;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.annoyspark.ReadmeCode;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.Mapper;
import org.apache.hadoop.mapreduce.lib.input.FileInputFormat;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;

/** Runs the README's MapReduce job, with a task for each input file, in this JVM. */
final class LocalMapReduce {

  private LocalMapReduce() {}

  /**
   * Runs the mapper over lines of ids.
   *
   * @param directory for input and output; its file system is the job's default one
   * @param scratch on a local disk
   * @return what was written for each id, in its order
   */
  static Map<String, List<String>> nearest(
      Configuration conf,
      String index,
      List<String> ids,
      Path directory,
      java.nio.file.Path scratch)
      throws Exception {
    FileSystem fs = directory.getFileSystem(conf);
    Path input = new Path(directory, "input");
    write(fs, new Path(input, "0"), ids.subList(0, ids.size() / 2));
    write(fs, new Path(input, "1"), ids.subList(ids.size() / 2, ids.size()));
    Path output = new Path(directory, "output");

    Configuration settings = new Configuration(conf);
    settings.set("nearest.index", index);
    settings.set("mapreduce.framework.name", "local");
    settings.set("hadoop.tmp.dir", scratch.toString());
    settings.set("fs.defaultFS", fs.getUri().toString());
    String block = ReadmeCode.blocks("In MapReduce", "java", scratch).get(0);
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader = ReadmeCode.compileMembers(block, scratch)) {
      // The runner's threads, which read the job's classes from there, inherit it.
      Thread.currentThread().setContextClassLoader(loader);
      settings.setClassLoader(loader);
      Job job = Job.getInstance(settings);
      job.setMapperClass(
          loader.loadClass(ReadmeCode.CLASS_NAME + "$NearestMapper").asSubclass(Mapper.class));
      job.setNumReduceTasks(0);
      job.setOutputKeyClass(Text.class);
      job.setOutputValueClass(Text.class);
      FileInputFormat.addInputPath(job, input);
      FileOutputFormat.setOutputPath(job, output);
      assertTrue(job.waitForCompletion(false), () -> "" + job);
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
    return read(fs, output);
  }

  private static void write(FileSystem fs, Path file, List<String> lines) throws IOException {
    try (FSDataOutputStream out = fs.create(file)) {
      out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private static Map<String, List<String>> read(FileSystem fs, Path output) throws IOException {
    Map<String, List<String>> values = new TreeMap<>();
    for (FileStatus file : fs.globStatus(new Path(output, "part-*"))) {
      try (FSDataInputStream in = fs.open(file.getPath())) {
        new String(in.readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.split("\t"))
            .forEach(pair -> values.computeIfAbsent(pair[0], id -> new ArrayList<>()).add(pair[1]));
      }
    }
    return values;
  }
}
