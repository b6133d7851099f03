package org.annoyspark.format;

/**
 * Where the fields of a node stand. An Annoy file is an array of nodes of one size, little-endian,
 * with no header: first the items (node {@code i} is item {@code i}), then the trees, each node
 * after its descendants and so the root last, then a copy of every root in tree order.
 *
 * <pre>
 *                n_descendants  other header fields                     children  vector
 * angular        int32 at 0     items: float norm at 4, over children   4         12: floats
 * euclidean      int32 at 0     float offset of the plane at 4          8         16: floats
 * manhattan      the same as euclidean
 * dot, 1.17      int32 at 0     float dot factor at 12                  4         16: floats
 * dot, main      int32 at 0     float dot factor at 12, float norm      4         24: floats
 *                               at 16, byte built at 20
 * hamming        int32 at 0     12 to 15 unused                         4         16: 64-bit words
 * </pre>
 *
 * <p>With {@code d = n_descendants}: {@code d == 0} is a hole among the items, {@code d == 1} an
 * item, {@code d <= bucketCapacity()} a bucket whose {@code d} item ids start at the children and
 * run over whatever fields follow, anything larger a split with two children. A root has {@code d}
 * equal to the number of item nodes. The page {@code docs/annoy-format.md} tells the rest.
 *
 * @param childrenOffsetBytes where the two child ids, or a bucket's item ids, start
 * @param vectorOffsetBytes where an item's vector or a split's normal starts
 * @param nodeBytes the size of every node
 */
public record NodeLayout(int childrenOffsetBytes, int vectorOffsetBytes, int nodeBytes) {

  public static final int DESCENDANTS_OFFSET_BYTES = 0;

  /** Angular items: the squared norm, in the bytes of the first child. */
  public static final int ANGULAR_NORM_OFFSET_BYTES = DESCENDANTS_OFFSET_BYTES + Integer.BYTES;

  /** Euclidean and manhattan splits: the constant term of the plane. */
  public static final int PLANE_OFFSET_OFFSET_BYTES = DESCENDANTS_OFFSET_BYTES + Integer.BYTES;

  private static final int CHILDREN_BYTES = 2 * Integer.BYTES;
  private static final int CHILDREN_FIRST = DESCENDANTS_OFFSET_BYTES + Integer.BYTES;
  private static final int CHILDREN_AFTER_PLANE_OFFSET = PLANE_OFFSET_OFFSET_BYTES + Float.BYTES;

  /** Dot: what an item lacks to the largest norm; in a split, the normal's last coordinate. */
  public static final int DOT_FACTOR_OFFSET_BYTES = CHILDREN_FIRST + CHILDREN_BYTES;

  /** Dot of Annoy's main branch: the largest squared norm of all items. */
  public static final int DOT_MAIN_NORM_OFFSET_BYTES = DOT_FACTOR_OFFSET_BYTES + Float.BYTES;

  /** Dot of Annoy's main branch: one byte, 1 once the index is built. */
  public static final int DOT_MAIN_BUILT_OFFSET_BYTES = DOT_MAIN_NORM_OFFSET_BYTES + Float.BYTES;

  private static final int ANGULAR_VECTOR = CHILDREN_FIRST + CHILDREN_BYTES;
  private static final int PLANE_VECTOR = CHILDREN_AFTER_PLANE_OFFSET + CHILDREN_BYTES;
  private static final int DOT_RELEASED_VECTOR = DOT_FACTOR_OFFSET_BYTES + Float.BYTES;
  private static final int DOT_MAIN_VECTOR = DOT_MAIN_BUILT_OFFSET_BYTES + Integer.BYTES;
  private static final int HAMMING_VECTOR = CHILDREN_FIRST + CHILDREN_BYTES + Integer.BYTES;

  /** Keeps {@code nodeBytes} an int, and a node far smaller than a mapped chunk. */
  public static final int MAX_DIMENSION = 1 << 20;

  /** Nodes of an angular index over {@code dimension} floats. */
  public static NodeLayout angular(int dimension) {
    return new NodeLayout(CHILDREN_FIRST, ANGULAR_VECTOR, ANGULAR_VECTOR + floats(dimension));
  }

  /** Nodes of a euclidean or manhattan index over {@code dimension} floats. */
  public static NodeLayout plane(int dimension) {
    return new NodeLayout(
        CHILDREN_AFTER_PLANE_OFFSET, PLANE_VECTOR, PLANE_VECTOR + floats(dimension));
  }

  /** Nodes of a dot index over {@code dimension} floats. */
  public static NodeLayout dot(int dimension, DotLayout layout) {
    int vector = layout == DotLayout.MAIN ? DOT_MAIN_VECTOR : DOT_RELEASED_VECTOR;
    return new NodeLayout(CHILDREN_FIRST, vector, vector + floats(dimension));
  }

  /** Nodes of a hamming index over {@code bits} bits, kept in 64-bit words. */
  public static NodeLayout hamming(int bits) {
    return new NodeLayout(
        CHILDREN_FIRST, HAMMING_VECTOR, HAMMING_VECTOR + words(bits) * Long.BYTES);
  }

  /** How many 64-bit words hold that many bits. */
  public static int words(int bits) {
    return (checkDimension(bits) + Long.SIZE - 1) / Long.SIZE;
  }

  private static int floats(int dimension) {
    return checkDimension(dimension) * Float.BYTES;
  }

  private static int checkDimension(int dimension) {
    if (dimension < 1 || dimension > MAX_DIMENSION) {
      throw new IllegalArgumentException(
          "dimension: expected 1 to " + MAX_DIMENSION + ", found " + dimension);
    }
    return dimension;
  }

  /** Where child {@code side} (0 or 1) of a split, or id {@code side} of a bucket, stands. */
  public int childOffsetBytes(int side) {
    return childrenOffsetBytes + side * Integer.BYTES;
  }

  /** The most item ids that fit a bucket; what Annoy calls K. */
  public int bucketCapacity() {
    return (nodeBytes - childrenOffsetBytes) / Integer.BYTES;
  }

  /** The first byte of a node in the file. */
  public long byteOffset(long node) {
    return node * nodeBytes;
  }
}
