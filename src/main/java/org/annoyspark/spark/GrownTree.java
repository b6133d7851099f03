package org.annoyspark.spark;

import java.io.Serializable;
import org.annoyspark.storage.StagedFile;

/** A tree that stands in a file. */
record GrownTree(int tree, int nodes, StagedFile file) implements Serializable {}
