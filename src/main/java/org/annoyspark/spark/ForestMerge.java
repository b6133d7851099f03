package org.annoyspark.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.annoyspark.storage.AnnoyConf;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * Makes one index of the trees of others over the same items, and of trees that are grown anew:
 *
 * <pre>{@code
 * new ForestMerge().index("hdfs:///monday").index("hdfs:///tuesday").run(spark, "hdfs:///both");
 * new ForestMerge().index("hdfs:///items").moreTrees(10).overwrite(true).run(spark, "hdfs:///items");
 * }</pre>
 *
 * <p>What comes out has the bytes of one build with all of the trees, if seeds and numbers of trees
 * are that build's: as those of {@link #moreTrees} are, unless another seed is set, and those of
 * builds with different {@link IndexBuild#firstTree}. A failed run leaves nothing behind.
 */
public final class ForestMerge {

  private final List<String> indexes = new ArrayList<>();
  private int moreTrees;
  private OptionalLong seed = OptionalLong.empty();
  private boolean overwrite;
  private Consumer<String> progress = line -> {};

  /** Adds a published index; its trees follow those of the indexes before it. */
  public ForestMerge index(String directory) {
    indexes.add(directory);
    return this;
  }

  /**
   * How many trees to grow besides; 0 unless set.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public ForestMerge moreTrees(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("moreTrees: expected 0 or more, found " + count);
    }
    this.moreTrees = count;
    return this;
  }

  /** The seed of those; the first index's unless set. Its trees are numbered on. */
  public ForestMerge seed(long value) {
    this.seed = OptionalLong.of(value);
    return this;
  }

  /** Whether an index that is there may be replaced, one of those merged too; not, unless set. */
  public ForestMerge overwrite(boolean allowed) {
    this.overwrite = allowed;
    return this;
  }

  /** Receives a line after each stage. */
  public ForestMerge progress(Consumer<String> listener) {
    this.progress = listener;
    return this;
  }

  /**
   * Checks that the indexes are over the same items, and publishes one of all trees.
   *
   * @param output a directory URI of any Hadoop file system
   * @throws InvalidInputException if the indexes are not over the same items, or have trees in
   *     common
   * @throws IllegalArgumentException if there is nothing to merge, an index is a bare file, the
   *     output is in the way, or the index would be too large
   * @throws org.annoyspark.format.CorruptIndexException if an index is damaged; where a task finds
   *     that out, it is the cause of Spark's exception
   * @throws IOException if a file system fails; or if one of the indexes is to be replaced, and
   *     another build has been published there meanwhile
   */
  public IndexBuild.Report run(SparkSession session, String output) throws IOException {
    if (indexes.isEmpty() || indexes.size() == 1 && moreTrees == 0) {
      throw new IllegalArgumentException(
          "expected two indexes, or one and a number of trees to add, found "
              + indexes.size()
              + (indexes.isEmpty() ? " indexes" : " index and no trees to add"));
    }
    Configuration conf = session.sessionState().newHadoopConf();
    new AnnoyConf(conf).check();
    List<PublishedForest> forests = new ArrayList<>();
    for (String index : indexes) {
      forests.add(PublishedForest.open(index, conf));
    }
    BuildRun run = BuildRun.into(output, session, conf, overwrite, progress);
    return new ForestMergeRun(run, forests, moreTrees, seed).run();
  }
}
