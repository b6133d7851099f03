package org.annoyspark.spark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** What comes of the elements of an iterator that are worked on in batches, in their order. */
final class Batched<T, R> implements Iterator<R> {

  private final Iterator<T> source;
  private final long batchBytes;
  private final ToLongFunction<T> bytes;
  private final Function<List<T>, Iterator<R>> work;
  private Iterator<R> results = Collections.emptyIterator();

  /**
   * @param batchBytes a batch has at least one element, and gets no more when it has as much
   * @param bytes about how much memory an element takes
   * @param work is given the next batch only when its results are used up
   */
  Batched(
      Iterator<T> source,
      long batchBytes,
      ToLongFunction<T> bytes,
      Function<List<T>, Iterator<R>> work) {
    this.source = source;
    this.batchBytes = batchBytes;
    this.bytes = bytes;
    this.work = work;
  }

  @Override
  public boolean hasNext() {
    while (!results.hasNext() && source.hasNext()) {
      List<T> batch = new ArrayList<>();
      for (long taken = 0; taken < batchBytes && source.hasNext(); ) {
        T element = source.next();
        batch.add(element);
        taken += bytes.applyAsLong(element);
      }
      results = work.apply(batch);
    }
    return results.hasNext();
  }

  @Override
  public R next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return results.next();
  }
}
