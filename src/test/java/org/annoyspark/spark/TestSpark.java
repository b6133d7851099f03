package org.annoyspark.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** One local session for all test classes, and rows to feed it. */
public final class TestSpark {

  /** 20,000 English words with their vectors. */
  public static final Path WORDS = Path.of("notebooks", "data", "words.parquet").toAbsolutePath();

  /** Of the file that a build makes of the words with three trees, else as it is set by default. */
  public static final String WORDS_INDEX_SHA256 =
      "5dad483732566c4cb5637669bb3d0cb57cd8805705a43ccbcdbf8416f5caeede";

  private TestSpark() {}

  /** The shared session; a new one if a test, or a command that it ran, has stopped the last. */
  public static SparkSession session() {
    return session("local[2]");
  }

  /** A session of that master, if none is running; who asks for another master stops it. */
  static SparkSession session(String master) {
    return SparkSession.builder()
        .master(master)
        .appName("tests")
        .config("spark.ui.enabled", false)
        .config("spark.sql.shuffle.partitions", 3)
        .getOrCreate();
  }

  /** Normal coordinates, every fifth a zero, so that sparse vectors have something to leave out. */
  public static float[][] vectors(int count, int dimension, long seed) {
    Random random = new Random(seed);
    float[][] vectors = new float[count][dimension];
    for (float[] vector : vectors) {
      for (int z = 0; z < dimension; z++) {
        vector[z] = random.nextInt(5) == 0 ? 0 : (float) random.nextGaussian();
      }
    }
    return vectors;
  }

  /** The numbers from 0, as int ids. */
  public static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  /** Rows of an id (Integer, Long or String) and a vector as array&lt;float&gt;. */
  public static Dataset<Row> items(List<?> ids, float[][] vectors) {
    return items(ids, vectors, "float");
  }

  /**
   * The same in another type.
   *
   * @param features float, double, or MLlib's dense or sparse, for tests tagged {@code mllib}
   */
  public static Dataset<Row> items(List<?> ids, float[][] vectors, String features) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      rows.add(RowFactory.create(ids.get(i), value(vectors[i], features)));
    }
    DataType featuresType =
        switch (features) {
          case "float" -> DataTypes.createArrayType(DataTypes.FloatType);
          case "double" -> DataTypes.createArrayType(DataTypes.DoubleType);
          default -> SQLDataTypes.VectorType();
        };
    return session().createDataFrame(rows, schema(idType(ids), featuresType));
  }

  /** Columns id and features. */
  public static StructType schema(DataType idType, DataType featuresType) {
    return new StructType(
        new StructField[] {
          DataTypes.createStructField("id", idType, true),
          DataTypes.createStructField("features", featuresType, true)
        });
  }

  private static DataType idType(List<?> ids) {
    // The first must not be null.
    return ids.get(0) instanceof Integer
        ? DataTypes.IntegerType
        : ids.get(0) instanceof Long ? DataTypes.LongType : DataTypes.StringType;
  }

  private static Object value(float[] vector, String features) {
    if (vector == null || features.equals("float")) {
      return vector;
    }
    double[] doubles = IntStream.range(0, vector.length).mapToDouble(z -> vector[z]).toArray();
    return switch (features) {
      case "double" -> doubles;
      case "dense" -> Vectors.dense(doubles);
      default -> Vectors.dense(doubles).toSparse();
    };
  }

  /** The file that a build wrote. */
  static Path file(IndexBuild.Report report) {
    return Path.of(report.uri().replaceFirst("^file:", ""), report.metadata().file().name());
  }

  /** That of the tests, for JVMs of their own. */
  public static String classPath() {
    // Surefire hides it behind a jar of its own.
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** The SHA-256 of a file, in hexadecimal digits. */
  public static String sha256(Path file) throws IOException {
    try {
      byte[] bytes = Files.readAllBytes(file);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** The names in a directory, hidden ones too, sorted; none if there is no such directory. */
  public static List<String> names(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
