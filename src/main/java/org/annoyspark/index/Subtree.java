package org.annoyspark.index;

import java.io.Serializable;

/**
 * A part of a tree that can be grown apart from the rest: with its items, all that its nodes follow
 * from.
 *
 * @param key where its random draws come from
 * @param items how many it has
 * @param isTree whether it is the whole tree, whose root has rules of its own
 */
public record Subtree(long key, int items, boolean isTree) implements Serializable {}
