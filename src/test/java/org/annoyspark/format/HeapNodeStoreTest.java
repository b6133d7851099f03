package org.annoyspark.format;

class HeapNodeStoreTest extends WholeStoreContract {

  @Override
  NodeStore open(byte[] bytes, int chunkShift) {
    return new HeapNodeStore(name(), LAYOUT, bytes, chunkShift);
  }

  @Override
  String name() {
    return "some bytes";
  }
}
