package org.annoyspark.jobs;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.spark.KnnJoin;
import org.annoyspark.storage.CanonicalPath;
import org.annoyspark.storage.UnreachableException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "join",
    description =
        "Joins every row of a Parquet input, or every item of an index, with its nearest items.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class JoinCommand implements Callable<Integer> {

  /** What the joined rows can be written as. */
  enum Format {
    parquet,
    json
  }

  @Spec private CommandSpec command;
  @Mixin private IndexOptions index;

  @ArgGroup(multiplicity = "1")
  private Queries queries;

  /** Where the queries come from: one of the two. */
  static final class Queries {
    @Option(
        names = "--queries",
        required = true,
        paramLabel = "URI",
        description = "Parquet with a vector in every row.")
    private String uri;

    @Option(
        names = "--self",
        required = true,
        description = "All items of the index, each without itself as a neighbour.")
    private boolean self;
  }

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description = "A directory for the rows and their column 'neighbors'.")
  private String output;

  @Option(names = "-k", defaultValue = "10", paramLabel = "N", description = Texts.K)
  private int k;

  @Option(names = "--search-k", defaultValue = "-1", paramLabel = "N", description = Texts.SEARCH_K)
  private int searchK;

  @Option(
      names = "--max-distance",
      paramLabel = "X",
      description =
          "Leaves out neighbours farther than that; for dot, those of a smaller inner product.")
  private Float maxDistance;

  @Option(
      names = "--exclude-self",
      description = "Leaves out the neighbour whose id is the query's own.")
  private boolean excludeSelf;

  @Option(
      names = "--candidates",
      paramLabel = "URI",
      description = "Parquet with the only ids that may be neighbours, in the column --id-col.")
  private String candidates;

  @Option(
      names = "--allow-col",
      paramLabel = "NAME",
      description = "For each query a list of the only ids that may be its neighbours.")
  private String allowColumn;

  @Option(
      names = "--exclude-col",
      paramLabel = "NAME",
      description = "For each query a list of ids that may not be its neighbours.")
  private String excludeColumn;

  @Option(
      names = "--id-col",
      defaultValue = "id",
      paramLabel = "NAME",
      description =
          "Ids of the queries, for --exclude-self, and of --candidates; with --self, to be written."
              + " Default: ${DEFAULT-VALUE}.")
  private String idColumn;

  @Option(
      names = "--features-col",
      defaultValue = "features",
      paramLabel = "NAME",
      description = "Vectors of the queries. Default: ${DEFAULT-VALUE}.")
  private String featuresColumn;

  @Option(
      names = "--format",
      defaultValue = "parquet",
      paramLabel = "NAME",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(names = "--overwrite", description = "Replaces what is in the output directory.")
  private boolean overwrite;

  @Mixin private SparkOptions spark;

  @Override
  public Integer call() throws IOException {
    if (queries.self) {
      checkSelf();
    }
    PrintWriter out = command.commandLine().getOut();
    long start = System.nanoTime();
    KnnJoin join =
        new KnnJoin(k)
            .searchK(searchK)
            .excludeSelf(excludeSelf)
            .allowColumn(allowColumn)
            .excludeColumn(excludeColumn)
            .checkFirst(true)
            .idColumn(idColumn)
            .featuresColumn(featuresColumn)
            .bareFile(index.bareFile());
    if (maxDistance != null) {
      join.maxDistance(maxDistance);
    }
    try (SparkSession session = spark.openSession("join")) {
      checkOutput(session);
      if (candidates != null) {
        join.candidateFilter(ItemInput.read(session, candidates));
      }
      Dataset<Row> joined =
          queries.self
              ? join.similarItems(session, index.uri)
              : join.run(ItemInput.read(session, queries.uri), index.uri);
      session.sparkContext().setJobDescription("annoy-spark join: search and write");
      joined
          .write()
          .format(format.name())
          .mode(overwrite ? SaveMode.Overwrite : SaveMode.ErrorIfExists)
          .save(output);
      long rows = session.read().schema(joined.schema()).format(format.name()).load(output).count();
      out.printf(
          "joined %,d %s with their %,d nearest %s%s%n  %s (%s), %.1f s%n",
          rows,
          queries.self ? "items" : "queries",
          k,
          queries.self ? "others" : "items",
          searchK == AnnoyIndex.DEFAULT_SEARCH_K ? "" : String.format(", search-k %,d", searchK),
          output,
          format,
          (System.nanoTime() - start) / 1e9);
    }
    return 0;
  }

  private void checkSelf() {
    for (String option : List.of("--features-col", "--allow-col", "--exclude-col")) {
      if (command.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new ParameterException(
            command.commandLine(), option + " goes with --queries: --self reads the index");
      }
    }
  }

  private void checkOutput(SparkSession session) throws IOException {
    Configuration conf = session.sessionState().newHadoopConf();
    Path path = canonical("output", output, conf);
    boolean exists =
        UnreachableException.naming("output", output, () -> path.getFileSystem(conf).exists(path));
    if (!overwrite && exists) {
      throw new IllegalArgumentException(
          "output " + output + ": exists already; --overwrite replaces it");
    }
    // Replacing deletes: an answer must not take its question with it.
    for (String input : new String[] {index.uri, queries.uri, candidates}) {
      if (input != null && CanonicalPath.isWithin(canonical("input", input, conf), path)) {
        throw new IllegalArgumentException(
            "output " + output + ": expected a place of its own, found the input " + input);
      }
    }
  }

  private static Path canonical(String what, String uri, Configuration conf) throws IOException {
    return UnreachableException.naming(what, uri, () -> CanonicalPath.of(uri, conf));
  }
}
