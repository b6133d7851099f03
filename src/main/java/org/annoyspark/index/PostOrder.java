package org.annoyspark.index;

import java.io.IOException;
import java.util.ArrayDeque;

/**
 * Writes a tree so that every node follows its descendants, the smaller half's first. The stack is
 * explicit: skewed trees are deeper than a thread's.
 */
abstract class PostOrder {

  private static final int DIVIDED = -1;

  private static final class Frame {
    final Region region;
    final int[] childIds = new int[2];
    int childrenDone;

    Frame(Region region) {
      this.region = region;
    }

    int nextSide() {
      return childrenDone == 0 ? region.firstSide() : 1 - region.firstSide();
    }
  }

  /** Writes a region that needs no division, and returns its number, or else divides it. */
  abstract int writeLeaf(Region region) throws IOException;

  /** What {@link #writeLeaf} returns when the region now has children. */
  static int divided() {
    return DIVIDED;
  }

  /** Writes a divided region whose children have been written, and returns its number. */
  abstract int writeSplit(Region region, int child0, int child1) throws IOException;

  /** Writes everything below and including a region, and returns the region's number. */
  final int write(Region root) throws IOException {
    ArrayDeque<Frame> stack = new ArrayDeque<>();
    stack.push(new Frame(root));
    while (true) {
      Frame frame = stack.element();
      int id = step(frame, stack);
      if (id != DIVIDED) {
        stack.pop();
        Frame parent = stack.peek();
        if (parent == null) {
          return id;
        }
        parent.childIds[parent.nextSide()] = id;
        parent.childrenDone++;
      }
    }
  }

  private int step(Frame frame, ArrayDeque<Frame> stack) throws IOException {
    Region region = frame.region;
    if (region.split == null) {
      int id = writeLeaf(region);
      if (id != DIVIDED) {
        return id;
      }
    }
    if (frame.childrenDone == 2) {
      return writeSplit(region, frame.childIds[0], frame.childIds[1]);
    }
    stack.push(new Frame(region.children[frame.nextSide()]));
    return DIVIDED;
  }
}
