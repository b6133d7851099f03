package org.annoyspark.spark;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.annoyspark.index.AnnoyIndex;
import org.annoyspark.storage.AnnoyConf;
import org.annoyspark.storage.IndexAddress;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Joins every row of a DataFrame with the items nearest to its vector:
 *
 * <pre>{@code
 * Dataset<Row> joined = new KnnJoin(10).run(queries, "hdfs:///items");
 * }</pre>
 *
 * <p>The result has the columns of the queries and {@code neighbors: array<struct<id, distance:
 * float>>}, nearest first, at most k of them. The index is resolved when the join is made, to one
 * build, and opened once in every executor.
 */
public final class KnnJoin {

  /** The name of the column that the join adds, unless another is set. */
  public static final String NEIGHBORS_COLUMN = "neighbors";

  private static final String CHECK = "annoy-spark join: check";

  private final int k;
  private int searchK = AnnoyIndex.DEFAULT_SEARCH_K;
  private Float maxDistance;
  private boolean excludeSelf;
  private boolean checkFirst;
  private boolean refresh;
  private Dataset<Row> candidates;
  private String allowColumn;
  private String excludeColumn;
  private String idColumn = "id";
  private String featuresColumn = "features";
  private String neighborsColumn = NEIGHBORS_COLUMN;
  private IndexAddress.BareFile bareFile;

  /**
   * @param k how many neighbours, at least 1
   * @throws IllegalArgumentException if k is less
   */
  public KnnJoin(int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k: expected 1 or more, found " + k);
    }
    this.k = k;
  }

  /**
   * How many candidates to look at for each query; more find more of the true neighbours and take
   * longer. k times the number of trees unless set.
   */
  public KnnJoin searchK(int candidates) {
    if (candidates < 1 && candidates != AnnoyIndex.DEFAULT_SEARCH_K) {
      throw new IllegalArgumentException("searchK: expected 1 or more, found " + candidates);
    }
    this.searchK = candidates;
    return this;
  }

  /**
   * Leaves out neighbours farther than that; for {@code dot}, those of a smaller inner product. The
   * search looks at as many candidates as without.
   *
   * @throws IllegalArgumentException if it is NaN
   */
  public KnnJoin maxDistance(float bound) {
    if (Float.isNaN(bound)) {
      throw new IllegalArgumentException("maxDistance: expected a number, found NaN");
    }
    this.maxDistance = bound;
    return this;
  }

  /** Leaves out the neighbour whose id is the query's own. */
  public KnnJoin excludeSelf(boolean exclude) {
    this.excludeSelf = exclude;
    return this;
  }

  /**
   * Lets only some items be found: those whose ids are in a column of these rows, of the name that
   * {@link #idColumn} has. Nulls and ids that the index does not have let none be found. The rows
   * are read when the join is made, and become a bitmap of the items, which each executor gets
   * once.
   *
   * <p>With this, or with lists for each query, a query that finds fewer than k of the allowed
   * items among {@code searchK} candidates looks at more, until it has k or there are no more.
   */
  public KnnJoin candidateFilter(Dataset<Row> ids) {
    this.candidates = ids;
    return this;
  }

  /**
   * Lets each query find the ids alone that it has in that column, of array&lt;int&gt;,
   * array&lt;bigint&gt; or array&lt;string&gt;. All of them are looked at. A query with null there
   * may find any, one with an empty list none.
   */
  public KnnJoin allowColumn(String name) {
    this.allowColumn = name;
    return this;
  }

  /**
   * Lets no query find the ids that it has in that column, of array&lt;int&gt;, array&lt;bigint&gt;
   * or array&lt;string&gt;, or null.
   */
  public KnnJoin excludeColumn(String name) {
    this.excludeColumn = name;
    return this;
  }

  /**
   * Reads all queries and opens the index once before any work, so that faults of queries are named
   * together and a damaged index is found out; otherwise a fault fails its task.
   */
  public KnnJoin checkFirst(boolean check) {
    this.checkFirst = check;
    return this;
  }

  /**
   * For queries that are a stream: whether it moves on to a build that is published later, between
   * two micro-batches. All rows of a batch are joined with one build. Otherwise it keeps the build
   * that is in force when the join is made, which the second publication after that removes. Not
   * with a {@link #candidateFilter}, which is read once and is of one build.
   */
  public KnnJoin refresh(boolean wanted) {
    this.refresh = wanted;
    return this;
  }

  /** The queries' ids, needed to leave them out; "id" unless set. */
  public KnnJoin idColumn(String name) {
    this.idColumn = name;
    return this;
  }

  /** The queries' vectors; "features" unless set. */
  public KnnJoin featuresColumn(String name) {
    this.featuresColumn = name;
    return this;
  }

  /** The column that the join adds; {@value #NEIGHBORS_COLUMN} unless set. */
  public KnnJoin neighborsColumn(String name) {
    this.neighborsColumn = name;
    return this;
  }

  /** Metric and dimension, for an index that is a bare Annoy file. */
  public KnnJoin bareFile(IndexAddress.BareFile bare) {
    this.bareFile = bare;
    return this;
  }

  /**
   * The joined rows; as lazy as the queries are.
   *
   * @param index URI of an index directory, or of a bare Annoy file
   * @throws InvalidInputException if a column is missing, or of another type than is allowed
   * @throws IllegalArgumentException if both a candidate filter is set and {@link #refresh}
   * @throws IOException if the index cannot be read
   */
  public Dataset<Row> run(Dataset<Row> queries, String index) throws IOException {
    SparkSession session = queries.sparkSession();
    Configuration conf = session.sessionState().newHadoopConf();
    new AnnoyConf(conf).check();
    IndexAddress address = IndexAddress.resolve(index, bareFile, conf);
    StructType schema = queries.schema();
    StructType joinedSchema = joinedSchema(schema, address);
    VectorColumn vectors = VectorColumn.of(schema, featuresColumn);
    IdColumn ids = excludeSelf ? selfIds(schema, address.idType()) : null;
    IdListColumn allow = lists(schema, allowColumn, address.idType());
    IdListColumn exclude = lists(schema, excludeColumn, address.idType());
    NeighborSearch search = search(session, address, conf);
    if (checkFirst) {
      InputRows rows = InputRows.of(queries, vectors, ids);
      JobDescription.during(
          session.sparkContext(), CHECK, () -> InputCheck.checkQueries(rows, address.dimension()));
      checkIndex(session, search);
    }
    QueryTask task = new QueryTask(search, vectors, ids, allow, exclude);
    return RowGenerator.select(
        refresh ? withBuild(queries, index, address) : queries,
        columns -> new QueryGenerator(task, joinedSchema, refresh, columns));
  }

  /** A stream's rows, each with the build that is in force when its micro-batch is planned. */
  private Dataset<Row> withBuild(Dataset<Row> queries, String index, IndexAddress now) {
    SparkSession session = queries.sparkSession();
    Dataset<Row> build =
        session.baseRelationToDataFrame(new BuildInForce(session, index, bareFile, now));
    return queries.crossJoin(functions.broadcast(build));
  }

  /**
   * Every item of an index with the other items nearest to it. The queries are the index's own
   * vectors, which tasks read where they map them. Items come in the order of a tree's leaves, and
   * rows are the same however many tasks there are.
   *
   * @param index URI of an index directory, or of a bare Annoy file
   * @return rows of {@code id} (or as {@link #idColumn} names it) and {@code neighbors}
   * @throws InvalidInputException if both columns have one name
   * @throws IllegalArgumentException if a column of lists is set, which items do not have
   * @throws IOException if the index cannot be read
   */
  public Dataset<Row> similarItems(SparkSession session, String index) throws IOException {
    if (allowColumn != null || excludeColumn != null) {
      throw new IllegalArgumentException(
          "column '"
              + (allowColumn != null ? allowColumn : excludeColumn)
              + "': expected no column of ids to allow or to exclude, for items of an index have"
              + " none");
    }
    Configuration conf = session.sessionState().newHadoopConf();
    new AnnoyConf(conf).check();
    IndexAddress address = IndexAddress.resolve(index, bareFile, conf);
    StructType ids = new StructType().add(idColumn, IdColumn.dataType(address.idType()), false);
    StructType schema = withNeighbors(ids, neighborsColumn, address.idType());
    NeighborSearch search = search(session, address, conf);
    if (checkFirst) {
      checkIndex(session, search);
    }
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    int parts = ItemRows.parts(spark, address);
    List<Row> numbers = LongStream.range(0, parts).mapToObj(RowFactory::create).toList();
    // Of an RDD, whose size Spark does not know: it would take that of a range for the result's.
    Dataset<Row> numbered =
        session.createDataFrame(
            spark.parallelize(numbers, parts), new StructType().add("part", DataTypes.LongType));
    return RowGenerator.select(numbered, part -> new ItemGenerator(search, parts, schema, part));
  }

  private NeighborSearch search(SparkSession session, IndexAddress address, Configuration conf)
      throws IOException {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    // Some hundred kilobytes, which an executor needs once, and not with each stage.
    TaskConf taskConf = new TaskConf(spark, conf);
    Broadcast<byte[]> allowed = null;
    if (candidates != null) {
      IdColumn ids = candidateIds(address.idType());
      byte[] bitmap =
          JobDescription.during(
              session.sparkContext(),
              "annoy-spark join: candidates",
              () -> ItemBitmap.bytesOf(candidates, ids, address, taskConf));
      allowed = spark.broadcast(bitmap);
    }
    return new NeighborSearch(address, taskConf, k, searchK, maxDistance, allowed);
  }

  private void checkCandidates(String idType) {
    if (refresh) {
      throw new IllegalArgumentException(
          "refresh: expected no candidate filter, which is of one build, found one");
    }
    candidateIds(idType);
  }

  private IdColumn candidateIds(String idType) {
    try {
      return comparableIds(candidates.schema(), idType, "");
    } catch (InvalidInputException e) {
      throw new InvalidInputException("candidate filter: " + e.getMessage());
    }
  }

  /**
   * The columns of the joined rows.
   *
   * @throws InvalidInputException if the columns of queries or candidates do not do
   * @throws IllegalArgumentException if both a candidate filter is set and {@link #refresh}
   */
  public StructType joinedSchema(StructType queries, IndexAddress index) {
    String idType = index.idType();
    if (candidates != null) {
      checkCandidates(idType);
    }
    VectorColumn.of(queries, featuresColumn).checkDimension(queries, index.dimension());
    if (excludeSelf) {
      selfIds(queries, idType);
    }
    lists(queries, allowColumn, idType);
    lists(queries, excludeColumn, idType);
    return withNeighbors(queries, neighborsColumn, idType);
  }

  /**
   * Columns and one of neighbours.
   *
   * @param idType of the index's ids: int, long or string
   * @throws InvalidInputException if there is a column of that name already
   */
  public static StructType withNeighbors(StructType queries, String name, String idType) {
    if (Arrays.stream(queries.fieldNames()).anyMatch(field -> Columns.areSame(field, name))) {
      throw new InvalidInputException(
          "column '" + name + "': the join adds it, but the queries have one already");
    }
    return queries.add(name, neighborsType(idType), false);
  }

  /**
   * {@code array<struct<id, distance: float>>}.
   *
   * @param idType of the index's ids: int, long or string
   */
  public static DataType neighborsType(String idType) {
    StructType neighbor =
        new StructType(
            new StructField[] {
              DataTypes.createStructField("id", IdColumn.dataType(idType), false),
              DataTypes.createStructField("distance", DataTypes.FloatType, false)
            });
    return DataTypes.createArrayType(neighbor, false);
  }

  /** On an executor, which needs the index anyway; the driver may have no room for it. */
  private static void checkIndex(SparkSession session, NeighborSearch search) throws IOException {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    JobDescription.during(
        session.sparkContext(),
        CHECK,
        () -> spark.parallelize(List.of(0), 1).map(ignored -> search.open() != null).collect());
  }

  private static IdListColumn lists(StructType schema, String name, String idType) {
    return name == null ? null : IdListColumn.of(schema, name, idType);
  }

  private IdColumn selfIds(StructType schema, String idType) {
    return comparableIds(schema, idType, ", to leave out each query itself");
  }

  private IdColumn comparableIds(StructType schema, String idType, String purpose) {
    IdColumn ids = IdColumn.of(schema, idColumn);
    boolean bothStrings = ids.type().equals("string") == idType.equals("string");
    if (!bothStrings) {
      throw new InvalidInputException(
          "column '"
              + idColumn
              + "': expected ids like the index's, "
              + idType
              + purpose
              + ", found "
              + ids.type());
    }
    return ids;
  }
}
