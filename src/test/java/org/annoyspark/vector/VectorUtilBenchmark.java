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

/**
 * Each kernel, scalar and SIMD; those over several rows take {@value #ROWS} a call. JMH asks for a
 * public class.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class VectorUtilBenchmark {

  private static final int ROWS = 32;

  /** As many floats as searches load at once. */
  private static final int BLOCK_FLOATS = 1 << 14;

  @Param({"scalar", "simd"})
  String kernels;

  /** Multiples of 16, which all kernels take. */
  @Param({"16", "112", "304", "512"})
  int dimension;

  private final float[] target = new float[ROWS];
  private final float[] factors = new float[ROWS];
  private final int[] slots = new int[ROWS];
  private VectorUtilSupport support;
  private float[] vector;
  private float[] rows;
  private RowBlock block;
  private int blockRows;
  private float[] blockTarget;
  private float[] sum;
  private byte[] codes;
  private long[] bits;

  @Setup
  public void fill() {
    support =
        kernels.equals("simd") ? new PanamaVectorUtilSupport() : new DefaultVectorUtilSupport();
    Random random = new Random(1);
    vector = floats(random, dimension);
    rows = floats(random, ROWS * dimension);
    blockRows = Math.min(dimension + 2, BLOCK_FLOATS / dimension);
    block = new RowBlock(support, blockRows, dimension, 0);
    loadBlock();
    blockTarget = new float[blockRows];
    sum = new float[dimension];
    codes = new byte[dimension];
    random.nextBytes(codes);
    bits = random.longs(2L * dimension).toArray();
    for (int row = 0; row < ROWS; row++) {
      factors[row] = random.nextFloat();
      slots[row] = random.nextInt(ROWS);
    }
  }

  private void loadBlock() {
    float[] values = block.startLoading();
    for (int x = 0; x < values.length; x++) {
      values[x] = rows[x % rows.length];
    }
  }

  private static float[] floats(Random random, int length) {
    float[] floats = new float[length];
    for (int i = 0; i < length; i++) {
      floats[i] = random.nextFloat();
    }
    return floats;
  }

  @Benchmark
  public float dotProduct() {
    return support.dotProduct(rows, 0, vector, 0, dimension);
  }

  @Benchmark
  public float squaredDistance() {
    return support.squaredDistance(rows, 0, vector, 0, dimension);
  }

  @Benchmark
  public float absoluteDistance() {
    return support.absoluteDistance(rows, 0, vector, 0, dimension);
  }

  @Benchmark
  public float[] dotProducts() {
    support.dotProducts(rows, ROWS, vector, dimension, target);
    return target;
  }

  @Benchmark
  public float[] squaredDistances() {
    support.squaredDistances(rows, ROWS, vector, dimension, target);
    return target;
  }

  @Benchmark
  public float[] absoluteDistances() {
    support.absoluteDistances(rows, ROWS, vector, dimension, target);
    return target;
  }

  /** All rows of a leaf, or as many as are loaded at once; from 32 on by columns if scalar. */
  @Benchmark
  public float[] dotProductsOfBlock() {
    block.dotProducts(blockRows, vector, blockTarget);
    return blockTarget;
  }

  @Benchmark
  public float[] squaredDistancesOfBlock() {
    block.squaredDistances(blockRows, vector, blockTarget);
    return blockTarget;
  }

  @Benchmark
  public float[] absoluteDistancesOfBlock() {
    block.absoluteDistances(blockRows, vector, blockTarget);
    return blockTarget;
  }

  @Benchmark
  public float[] dotProductsOfSlots() {
    support.dotProducts(rows, dimension, slots, 0, ROWS, vector, target);
    return target;
  }

  @Benchmark
  public float[] weightedSum() {
    support.weightedSum(rows, dimension, slots, ROWS, factors, sum);
    return sum;
  }

  @Benchmark
  public float[] scale() {
    support.scale(sum, 0, dimension, -1);
    return sum;
  }

  @Benchmark
  public float[] dequantize() {
    support.dequantize(codes, 0, factors[0], sum, 0, dimension);
    return sum;
  }

  /** As many words as other kernels have floats. */
  @Benchmark
  public int hammingDistance() {
    return support.hammingDistance(bits, 0, bits, dimension, dimension);
  }

  public static void main(String[] args) throws RunnerException {
    String include = VectorUtilBenchmark.class.getName();
    new Runner(new OptionsBuilder().include(include).build()).run();
  }
}
