package org.annoyspark.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels on the Vector API. A step always takes sixteen lanes, in one, two or four registers,
 * whatever the machine has; {@code LANES} is a constant to the compiler, which drops the branches.
 *
 * <p>The Vector API's own {@code reduceLanes(ADD)} promises no order, so lanes are taken out and
 * added by the tree of {@link DefaultVectorUtilSupport}.
 */
final class PanamaVectorUtilSupport implements VectorUtilSupport {

  private static final VectorSpecies<Float> SPECIES = widestSpecies();
  private static final int LANES = SPECIES.length();

  /** As many bytes as a register has floats. */
  private static final VectorSpecies<Byte> CODE_SPECIES =
      LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

  private static final VectorShuffle<Float> BY_8 = partners(8);
  private static final VectorShuffle<Float> BY_4 = partners(4);
  private static final VectorShuffle<Float> BY_2 = partners(2);
  private static final VectorShuffle<Float> BY_1 = partners(1);

  /** Of 16 lanes the upper 8, and of every 8 the upper 4. */
  private static final VectorMask<Float> ODD_8 = VectorMask.fromLong(SPECIES, 0xff00);

  private static final VectorMask<Float> ODD_4 = VectorMask.fromLong(SPECIES, 0xf0f0);

  private static VectorSpecies<Float> widestSpecies() {
    int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    if (bits >= 512) {
      return FloatVector.SPECIES_512;
    }
    return bits >= 256 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;
  }

  @Override
  public float dotProduct(float[] a, int aOffset, float[] b, int bOffset, int length) {
    FloatVector s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
    int vectorEnd = length & -16;
    for (int i = 0; i < vectorEnd; i += 16) {
      int x = aOffset + i;
      int y = bOffset + i;
      s0 = load(a, x).fma(load(b, y), s0);
      if (LANES <= 8) {
        s1 = load(a, x + LANES).fma(load(b, y + LANES), s1);
      }
      if (LANES == 4) {
        s2 = load(a, x + 2 * LANES).fma(load(b, y + 2 * LANES), s2);
        s3 = load(a, x + 3 * LANES).fma(load(b, y + 3 * LANES), s3);
      }
    }
    float sum = sum(s0, s1, s2, s3);
    for (int i = vectorEnd; i < length; i++) {
      sum += a[aOffset + i] * b[bOffset + i];
    }
    return sum;
  }

  @Override
  public float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
    FloatVector s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
    int vectorEnd = length & -16;
    for (int i = 0; i < vectorEnd; i += 16) {
      int x = aOffset + i;
      int y = bOffset + i;
      s0 = addSquare(load(a, x).sub(load(b, y)), s0);
      if (LANES <= 8) {
        s1 = addSquare(load(a, x + LANES).sub(load(b, y + LANES)), s1);
      }
      if (LANES == 4) {
        s2 = addSquare(load(a, x + 2 * LANES).sub(load(b, y + 2 * LANES)), s2);
        s3 = addSquare(load(a, x + 3 * LANES).sub(load(b, y + 3 * LANES)), s3);
      }
    }
    float sum = sum(s0, s1, s2, s3);
    for (int i = vectorEnd; i < length; i++) {
      float difference = a[aOffset + i] - b[bOffset + i];
      sum += difference * difference;
    }
    return sum;
  }

  @Override
  public float absoluteDistance(float[] a, int aOffset, float[] b, int bOffset, int length) {
    FloatVector s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
    int vectorEnd = length & -16;
    for (int i = 0; i < vectorEnd; i += 16) {
      int x = aOffset + i;
      int y = bOffset + i;
      s0 = s0.add(load(a, x).sub(load(b, y)).abs());
      if (LANES <= 8) {
        s1 = s1.add(load(a, x + LANES).sub(load(b, y + LANES)).abs());
      }
      if (LANES == 4) {
        s2 = s2.add(load(a, x + 2 * LANES).sub(load(b, y + 2 * LANES)).abs());
        s3 = s3.add(load(a, x + 3 * LANES).sub(load(b, y + 3 * LANES)).abs());
      }
    }
    float sum = sum(s0, s1, s2, s3);
    for (int i = vectorEnd; i < length; i++) {
      sum += Math.abs(a[aOffset + i] - b[bOffset + i]);
    }
    return sum;
  }

  /** Four rows at a time; the last four may include some of those before. */
  @Override
  public void dotProducts(float[] rows, int count, float[] vector, int length, float[] target) {
    if (LANES < 16 || count < 4) {
      VectorUtilSupport.super.dotProducts(rows, count, vector, length, target);
      return;
    }
    int vectorEnd = length & -16;
    for (int next = 0; next < count; next += 4) {
      int row = Math.min(next, count - 4);
      int x = row * length;
      FloatVector s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
      for (int i = 0; i < vectorEnd; i += 16, x += 16) {
        FloatVector y = load(vector, i);
        s0 = load(rows, x).fma(y, s0);
        s1 = load(rows, x + length).fma(y, s1);
        s2 = load(rows, x + 2 * length).fma(y, s2);
        s3 = load(rows, x + 3 * length).fma(y, s3);
      }
      sums(s0, s1, s2, s3, target, row);
    }
    for (int row = 0; row < count; row++) {
      float sum = target[row];
      for (int i = vectorEnd, x = row * length + vectorEnd; i < length; i++, x++) {
        sum += rows[x] * vector[i];
      }
      target[row] = sum;
    }
  }

  @Override
  public void squaredDistances(
      float[] rows, int count, float[] vector, int length, float[] target) {
    if (LANES < 16 || count < 4) {
      VectorUtilSupport.super.squaredDistances(rows, count, vector, length, target);
      return;
    }
    int vectorEnd = length & -16;
    for (int next = 0; next < count; next += 4) {
      int row = Math.min(next, count - 4);
      int x = row * length;
      FloatVector s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
      for (int i = 0; i < vectorEnd; i += 16, x += 16) {
        FloatVector y = load(vector, i);
        s0 = addSquare(load(rows, x).sub(y), s0);
        s1 = addSquare(load(rows, x + length).sub(y), s1);
        s2 = addSquare(load(rows, x + 2 * length).sub(y), s2);
        s3 = addSquare(load(rows, x + 3 * length).sub(y), s3);
      }
      sums(s0, s1, s2, s3, target, row);
    }
    for (int row = 0; row < count; row++) {
      float sum = target[row];
      for (int i = vectorEnd, x = row * length + vectorEnd; i < length; i++, x++) {
        float difference = rows[x] - vector[i];
        sum += difference * difference;
      }
      target[row] = sum;
    }
  }

  /** Four rows at a time, as above. */
  @Override
  public void dotProducts(
      float[] rows, int stride, int[] slots, int from, int count, float[] vector, float[] target) {
    if (LANES < 16 || count < 4) {
      VectorUtilSupport.super.dotProducts(rows, stride, slots, from, count, vector, target);
      return;
    }
    for (int next = 0; next < count; next += 4) {
      int row = Math.min(next, count - 4);
      int x0 = slots[from + row] * stride;
      int x1 = slots[from + row + 1] * stride;
      int x2 = slots[from + row + 2] * stride;
      int x3 = slots[from + row + 3] * stride;
      FloatVector s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
      for (int i = 0; i < stride; i += 16) {
        FloatVector y = load(vector, i);
        s0 = load(rows, x0 + i).fma(y, s0);
        s1 = load(rows, x1 + i).fma(y, s1);
        s2 = load(rows, x2 + i).fma(y, s2);
        s3 = load(rows, x3 + i).fma(y, s3);
      }
      sums(s0, s1, s2, s3, target, row);
    }
  }

  /** Four registers of the sum at a time; the last four may include some of those before. */
  @Override
  public void weightedSum(
      float[] rows, int stride, int[] slots, int count, float[] factors, float[] sum) {
    if (stride < 4 * LANES) {
      for (int z = 0; z < stride; z += LANES) {
        sumOneRegister(rows, stride, slots, count, factors, sum, z);
      }
      return;
    }
    for (int z = 0; z < stride; z += 4 * LANES) {
      sumFourRegisters(rows, stride, slots, count, factors, sum, Math.min(z, stride - 4 * LANES));
    }
  }

  private static void sumOneRegister(
      float[] rows, int stride, int[] slots, int count, float[] factors, float[] sum, int z) {
    FloatVector s = zero();
    for (int i = 0; i < count; i++) {
      FloatVector factor = FloatVector.broadcast(SPECIES, factors[i]);
      s = load(rows, slots[i] * stride + z).fma(factor, s);
    }
    s.intoArray(sum, z);
  }

  private static void sumFourRegisters(
      float[] rows, int stride, int[] slots, int count, float[] factors, float[] sum, int z) {
    FloatVector s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
    for (int i = 0; i < count; i++) {
      int x = slots[i] * stride + z;
      FloatVector factor = FloatVector.broadcast(SPECIES, factors[i]);
      s0 = load(rows, x).fma(factor, s0);
      s1 = load(rows, x + LANES).fma(factor, s1);
      s2 = load(rows, x + 2 * LANES).fma(factor, s2);
      s3 = load(rows, x + 3 * LANES).fma(factor, s3);
    }
    s0.intoArray(sum, z);
    s1.intoArray(sum, z + LANES);
    s2.intoArray(sum, z + 2 * LANES);
    s3.intoArray(sum, z + 3 * LANES);
  }

  @Override
  public void scale(float[] a, int offset, int length, float factor) {
    FloatVector factors = FloatVector.broadcast(SPECIES, factor);
    int vectorEnd = length & -LANES;
    for (int i = 0; i < vectorEnd; i += LANES) {
      load(a, offset + i).mul(factors).intoArray(a, offset + i);
    }
    for (int i = vectorEnd; i < length; i++) {
      a[offset + i] *= factor;
    }
  }

  @Override
  public void dequantize(
      byte[] codes, int from, float scale, float[] target, int offset, int length) {
    if (LANES == 4) {
      // No register is as short as four bytes.
      VectorUtilSupport.super.dequantize(codes, from, scale, target, offset, length);
      return;
    }
    FloatVector scales = FloatVector.broadcast(SPECIES, scale);
    for (int i = 0; i < length; i += LANES) {
      ByteVector bytes = ByteVector.fromArray(CODE_SPECIES, codes, from + i);
      FloatVector floats = (FloatVector) bytes.convertShape(VectorOperators.B2F, SPECIES, 0);
      floats.mul(scales).intoArray(target, offset + i);
    }
  }

  /** Four rows' sums of 16 lanes; from one addition to the next, rows move into one register. */
  private static void sums(
      FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3, float[] target, int row) {
    FloatVector s01 = addLanes(s0, s1, BY_8, ODD_8);
    FloatVector s23 = addLanes(s2, s3, BY_8, ODD_8);
    FloatVector s = addLanes(s01, s23, BY_4, ODD_4);
    FloatVector sums = addLanes(addLanes(s, BY_2), BY_1);
    target[row] = sums.lane(0);
    target[row + 1] = sums.lane(8);
    target[row + 2] = sums.lane(4);
    target[row + 3] = sums.lane(12);
  }

  private static FloatVector addLanes(FloatVector s, VectorShuffle<Float> partners) {
    return s.add(s.rearrange(partners));
  }

  /**
   * The same of two registers, of one in the even groups of lanes and of the other in the odd ones.
   * Both in one: a shuffle takes the compiler so much that with eight of them it gave up halfway,
   * and made an object of what it had.
   */
  private static FloatVector addLanes(
      FloatVector even, FloatVector odd, VectorShuffle<Float> partners, VectorMask<Float> isOdd) {
    return even.blend(odd, isOdd).add(odd.blend(even, isOdd).rearrange(partners));
  }

  /** For each lane the one that is {@code distance} apart. */
  private static VectorShuffle<Float> partners(int distance) {
    return VectorShuffle.fromOp(SPECIES, lane -> (lane ^ distance) & (LANES - 1));
  }

  @Override
  public boolean isSimd() {
    return true;
  }

  @Override
  public String description() {
    return "Vector API, " + SPECIES.vectorBitSize() + " bits";
  }

  /** Made anew each time: from a constant the accumulators would become objects, one a step. */
  private static FloatVector zero() {
    return FloatVector.zero(SPECIES);
  }

  private static FloatVector load(float[] array, int offset) {
    return FloatVector.fromArray(SPECIES, array, offset);
  }

  private static FloatVector addSquare(FloatVector difference, FloatVector sum) {
    return difference.fma(difference, sum);
  }

  private static float sum(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    if (LANES == 4) {
      return sum4(s0.add(s2).add(s1.add(s3)));
    }
    return LANES == 8 ? sum8(s0.add(s1)) : sum16(s0);
  }

  private static float sum4(FloatVector s) {
    return DefaultVectorUtilSupport.sum4(s.lane(0), s.lane(1), s.lane(2), s.lane(3));
  }

  private static float sum8(FloatVector s) {
    return DefaultVectorUtilSupport.sum8(
        s.lane(0), s.lane(1), s.lane(2), s.lane(3), s.lane(4), s.lane(5), s.lane(6), s.lane(7));
  }

  private static float sum16(FloatVector s) {
    return DefaultVectorUtilSupport.sum8(
        s.lane(0) + s.lane(8),
        s.lane(1) + s.lane(9),
        s.lane(2) + s.lane(10),
        s.lane(3) + s.lane(11),
        s.lane(4) + s.lane(12),
        s.lane(5) + s.lane(13),
        s.lane(6) + s.lane(14),
        s.lane(7) + s.lane(15));
  }
}
