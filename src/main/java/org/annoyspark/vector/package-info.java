/**
 * Arithmetic on arrays, the same to the last bit on every CPU.
 *
 * <p>A float sum runs in 16 lanes with fused multiply-add and the lanes are added in one fixed
 * tree. What is left of a length that 16 does not divide is added last, element by element and
 * without fusing, which for lengths below 16 is what a plain build of Annoy computes. Scalar code
 * and SIMD code of any width can keep to that order, so an index never depends on the machine that
 * built it.
 *
 * <p>{@link org.annoyspark.vector.VectorUtil} measures rows here and there, {@link
 * org.annoyspark.vector.RowBlock} rows that are measured from many vectors.
 */
package org.annoyspark.vector;
