package org.annoyspark.metric;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.annoyspark.format.CorruptIndexException;
import org.annoyspark.format.NodeLayout;
import org.annoyspark.format.NodeStore;
import org.annoyspark.vector.VectorUtil;

/**
 * How many bits differ. Vectors come and go as floats, a value above 0.5 being a set bit; in the
 * file bit {@code b} is bit {@code b mod 64}, from the least significant, of word {@code b / 64}.
 */
final class HammingMetric extends Metric {

  private static final float SET = 0.5f;

  /** How many random bits are tried for a split before all are tried in order. */
  private static final int RANDOM_BITS = 20;

  private final int words;

  HammingMetric(int bits) {
    super("hamming", bits, NodeLayout.hamming(bits));
    this.words = NodeLayout.words(bits);
  }

  private void pack(float[] vector, long[] target) {
    Arrays.fill(target, 0);
    for (int bit = 0; bit < dimension(); bit++) {
      if (vector[bit] > SET) {
        target[bit / Long.SIZE] |= 1L << bit;
      }
    }
  }

  /**
   * Where a split finds bit {@code bit} of the input: Annoy counts a split's bits from the most
   * significant of a word, unlike an item's.
   */
  private static int position(int bit) {
    return bit ^ (Long.SIZE - 1);
  }

  /** Whether the bit at a split's position is set. */
  private static boolean testBit(long[] words, int offset, int position) {
    return (words[offset + position / Long.SIZE] << position) < 0;
  }

  @Override
  public void writeItem(float[] vector, float squaredNormCap, ByteBuffer node) {
    long[] packed = new long[words];
    pack(vector, packed);
    node.putInt(NodeLayout.DESCENDANTS_OFFSET_BYTES, 1);
    for (int i = 0; i < words; i++) {
      node.putLong(layout().vectorOffsetBytes() + i * Long.BYTES, packed[i]);
    }
  }

  @Override
  public void readItem(NodeStore store, int item, float[] target) {
    long[] packed = new long[words];
    readWords(store, item, packed, 0);
    for (int bit = 0; bit < dimension(); bit++) {
      target[bit] = (packed[bit / Long.SIZE] >>> bit) & 1;
    }
  }

  private void readWords(NodeStore store, int node, long[] target, int offset) {
    store.readLongs(node, layout().vectorOffsetBytes(), target, offset, words);
  }

  /** A bit for each coordinate is less than a byte. */
  @Override
  public boolean canQuantize() {
    return false;
  }

  @Override
  public Query newQuery(NodeStore store) {
    return new HammingQuery(store);
  }

  private final class HammingQuery extends Query {

    private final NodeStore store;
    private final long[] packed = new long[words];
    private final long[] rows = new long[words * capacity()];
    private final long[] split = new long[1];

    HammingQuery(NodeStore store) {
      super(words * Long.BYTES / Float.BYTES);
      this.store = store;
    }

    @Override
    public void bind(float[] vector) {
      pack(vector, packed);
    }

    @Override
    public void bindItem(int item) {
      readWords(store, item, packed, 0);
    }

    /** Annoy starts at the largest word and counts down; only the order counts, so 0 does. */
    @Override
    public float rootPriority() {
      return 0;
    }

    @Override
    public float margin(int node) {
      store.readLongs(node, layout().vectorOffsetBytes(), split, 0, 1);
      return testBit(packed, 0, checkPosition(split[0], node)) ? 1 : 0;
    }

    private int checkPosition(long position, int node) {
      if (!isPosition(position)) {
        throw new CorruptIndexException(store.name() + ": node " + node + ": " + fault(position));
      }
      return (int) position;
    }

    @Override
    public float childPriority(float priority, float margin, int side) {
      return (int) margin == side ? priority : priority - 1;
    }

    @Override
    public void load(int[] items, int from, int length) {
      for (int i = 0; i < length; i++) {
        readWords(store, items[from + i], rows, i * words);
      }
    }

    @Override
    public void measure(int length, float[] distances) {
      for (int i = 0; i < length; i++) {
        distances[i] = VectorUtil.hammingDistance(rows, i * words, packed, 0, words);
      }
    }
  }

  private boolean isPosition(long position) {
    return position >= 0 && position < (long) words * Long.SIZE;
  }

  private String fault(long position) {
    return "bit position of the split: expected 0 to "
        + (words * Long.SIZE - 1)
        + ", found "
        + position;
  }

  @Override
  public float toCallerDistance(float distance) {
    return distance;
  }

  @Override
  public Rows newRows(int capacity) {
    return new WordRows(capacity);
  }

  private final class WordRows implements Rows {

    private final long[] values;

    WordRows(int capacity) {
      this.values = new long[Math.multiplyExact(capacity, words)];
    }

    @Override
    public void load(NodeStore items, int item, int slot) {
      readWords(items, item, values, slot * words);
    }

    boolean isSet(int slot, int position) {
      return testBit(values, slot * words, position);
    }
  }

  /** A division by one bit. */
  private final class BitSplit implements Split {

    private final int position;
    private final boolean chance;

    BitSplit(int position, boolean chance) {
      this.position = position;
      this.chance = chance;
    }

    @Override
    public void margins(Rows rows, int[] slots, int from, int count, float[] target) {
      WordRows words = (WordRows) rows;
      for (int i = 0; i < count; i++) {
        target[i] = chance ? 0 : words.isSet(slots[from + i], position) ? 1 : -1;
      }
    }

    @Override
    public void write(ByteBuffer node) {
      node.putLong(layout().vectorOffsetBytes(), position);
    }
  }

  @Override
  public Split chooseSplit(Rows rows, int[] sample, KeyedRandom random) {
    WordRows wordRows = (WordRows) rows;
    for (int i = 0; i < RANDOM_BITS; i++) {
      int position = position(random.nextInt(dimension()));
      if (divides(wordRows, sample, position)) {
        return new BitSplit(position, false);
      }
    }
    for (int bit = 0; bit < dimension(); bit++) {
      if (divides(wordRows, sample, position(bit))) {
        return new BitSplit(position(bit), false);
      }
    }
    return zeroSplit();
  }

  private static boolean divides(WordRows rows, int[] sample, int position) {
    boolean first = rows.isSet(sample[0], position);
    for (int slot : sample) {
      if (rows.isSet(slot, position) != first) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Split zeroSplit() {
    return new BitSplit(0, true);
  }

  @Override
  public String itemFault(NodeStore store, int item) {
    long[] packed = new long[words];
    readWords(store, item, packed, 0);
    int spare = words * Long.SIZE - dimension();
    boolean clear = spare == 0 || packed[words - 1] >>> (Long.SIZE - spare) == 0;
    return clear ? null : "bits beyond dimension " + dimension() + ": expected 0, found some set";
  }

  @Override
  public String splitFault(NodeStore store, int node) {
    long[] position = new long[1];
    store.readLongs(node, layout().vectorOffsetBytes(), position, 0, 1);
    return isPosition(position[0]) ? null : fault(position[0]);
  }
}
