package org.annoyspark.index;

/**
 * A set of items to be taken out in ascending order: repeats drop out, and rows are read from the
 * front of the file to its end. A bit for each item, and a bit for each 64 of these, so that taking
 * out does not look through them all.
 */
final class CandidateSet {

  private final long[] bits;
  private final long[] words;

  /** The first of {@link #words} that may have a bit. */
  private int nextWord;

  CandidateSet(int items) {
    this.bits = new long[(items - 1) / Long.SIZE + 1];
    this.words = new long[(bits.length - 1) / Long.SIZE + 1];
  }

  void add(int item) {
    int word = item / Long.SIZE;
    bits[word] |= 1L << item;
    words[word / Long.SIZE] |= 1L << word;
    nextWord = 0;
  }

  /**
   * Takes out the smallest items.
   *
   * @return how many: less than the target holds only when no more are left
   */
  int drain(int[] target) {
    int count = 0;
    for (; nextWord < words.length; nextWord++) {
      for (long left = words[nextWord]; left != 0; left &= left - 1) {
        int word = nextWord * Long.SIZE + Long.numberOfTrailingZeros(left);
        long bitsLeft = bits[word];
        while (bitsLeft != 0 && count < target.length) {
          target[count++] = word * Long.SIZE + Long.numberOfTrailingZeros(bitsLeft);
          bitsLeft &= bitsLeft - 1;
        }
        bits[word] = bitsLeft;
        if (bitsLeft != 0) {
          words[nextWord] = left;
          return count;
        }
      }
      words[nextWord] = 0;
    }
    return count;
  }

  void clear() {
    for (int i = nextWord; i < words.length; i++) {
      for (long left = words[i]; left != 0; left &= left - 1) {
        bits[i * Long.SIZE + Long.numberOfTrailingZeros(left)] = 0;
      }
      words[i] = 0;
    }
  }
}
