package org.annoyspark.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;

/**
 * Tasks that are given objects of ours and return some, which go by Java's serialization whatever
 * {@code spark.serializer} is: Kryo cannot take records.
 */
final class Tasks {

  private Tasks() {}

  /** A task for each input; the results in the inputs' order. */
  static <T, R> List<R> run(JavaSparkContext spark, List<T> inputs, Function<T, R> work) {
    List<byte[]> bytes = new ArrayList<>();
    for (T input : inputs) {
      bytes.add(toBytes(input));
    }
    return collect(
        spark
            .parallelize(bytes, Math.max(1, bytes.size()))
            .map(input -> toBytes(work.call(fromBytes(input)))));
  }

  /** Results that tasks have made bytes of, in the order of the RDD. */
  static <R> List<R> collect(JavaRDD<byte[]> results) {
    List<R> collected = new ArrayList<>();
    for (byte[] result : results.collect()) {
      collected.add(fromBytes(result));
    }
    return collected;
  }

  static byte[] toBytes(Object object) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @SuppressWarnings("unchecked")
  static <T> T fromBytes(byte[] bytes) {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return (T) in.readObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
