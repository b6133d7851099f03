package org.annoyspark.index;

/**
 * How many trees a forest gets: a number, or Annoy's rule {@code n_trees = -1}, as many as it takes
 * until the items and trees together have at least twice as many nodes as there are items.
 *
 * @param fixed the number, or 0 for the rule
 */
public record TreeCount(int fixed) {

  private static final int AUTO = 0;

  /** The rule. */
  public static TreeCount auto() {
    return new TreeCount(AUTO);
  }

  /**
   * That many trees.
   *
   * @throws IllegalArgumentException if there are less than one
   */
  public static TreeCount of(int trees) {
    if (trees < 1) {
      throw new IllegalArgumentException("trees: expected 1 or more, or auto, found " + trees);
    }
    return new TreeCount(trees);
  }

  public boolean isAuto() {
    return fixed == AUTO;
  }

  /**
   * The smallest number of trees that satisfies the rule.
   *
   * @param treeNodes nodes of the trees grown so far, in tree order
   * @return that number, or -1 if more trees have to be grown
   */
  public static int enough(int items, int[] treeNodes) {
    long nodes = 0;
    for (int trees = 0; trees < treeNodes.length; trees++) {
      if (nodes >= items) {
        return trees;
      }
      nodes += treeNodes[trees];
    }
    return nodes >= items ? treeNodes.length : -1;
  }

  @Override
  public String toString() {
    return isAuto() ? "auto" : Integer.toString(fixed);
  }
}
