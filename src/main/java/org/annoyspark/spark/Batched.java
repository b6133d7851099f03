package org.annoyspark.spark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** What comes of the elements of an iterator that are worked on in batches, in their order. */
final class Batched<T, R> implements Iterator<R> {

  private final Iterator<T> source;
  private final int batchSize;
  private final Function<List<T>, Iterator<R>> work;
  private Iterator<R> results = Collections.emptyIterator();

  /**
   * @param work is given 1 to {@code batchSize} elements, and the next batch only when its results
   *     are used up
   */
  Batched(Iterator<T> source, int batchSize, Function<List<T>, Iterator<R>> work) {
    this.source = source;
    this.batchSize = batchSize;
    this.work = work;
  }

  @Override
  public boolean hasNext() {
    while (!results.hasNext() && source.hasNext()) {
      List<T> batch = new ArrayList<>();
      while (batch.size() < batchSize && source.hasNext()) {
        batch.add(source.next());
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
