package org.annoyspark.vector;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The dot product, scalar and SIMD. JMH asks for a public class. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class VectorUtilBenchmark {

  @Param({"16", "100", "300"})
  int dimension;

  private final VectorUtilSupport scalar = new DefaultVectorUtilSupport();
  private final VectorUtilSupport simd = new PanamaVectorUtilSupport();
  private float[] a;
  private float[] b;

  @Setup
  public void fill() {
    Random random = new Random(1);
    a = new float[dimension];
    b = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      a[i] = random.nextFloat();
      b[i] = random.nextFloat();
    }
  }

  @Benchmark
  public float scalar() {
    return scalar.dotProduct(a, 0, b, 0, dimension);
  }

  @Benchmark
  public float simd() {
    return simd.dotProduct(a, 0, b, 0, dimension);
  }

  public static void main(String[] args) throws RunnerException {
    String include = VectorUtilBenchmark.class.getName();
    new Runner(new OptionsBuilder().include(include).build()).run();
  }
}
