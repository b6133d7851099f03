package org.annoyspark.jobs;

/** Descriptions that several commands share. */
final class Texts {

  static final String K = "How many neighbours. Default: ${DEFAULT-VALUE}.";

  static final String SEARCH_K =
      "How many candidates to look at for a query: more find more of the true neighbours and take"
          + " longer. Default: -1, which is k times the number of trees.";

  private Texts() {}
}
