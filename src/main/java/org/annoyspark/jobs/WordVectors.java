package org.annoyspark.jobs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * Words with their vectors, by frequency. The JSON holds numbers that describe it ({@code size},
 * {@code dimensions}, {@code wordIndex}) and, after them, {@code vectors}: for each word its vector
 * followed by other numbers, of which the one at {@code wordIndex} is the word's rank.
 */
final class WordVectors {

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message words {
            required binary id (STRING);
            required group features (LIST) {
              repeated group list {
                required float element;
              }
            }
          }
          """);

  private final String[] words;
  private final float[] vectors;
  private final int dimension;

  private WordVectors(String[] words, int dimension) {
    this.words = words;
    this.vectors = new float[Math.multiplyExact(words.length, dimension)];
    this.dimension = dimension;
  }

  int size() {
    return words.length;
  }

  /** Reads the words of the smallest ranks, in one pass that holds no more than their vectors. */
  static WordVectors readJson(Path file, int top) throws IOException {
    // Each word is a field name that occurs once: a symbol table would only grow.
    JsonFactory factory =
        JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();
    Map<String, Integer> header = new HashMap<>();
    WordVectors words = null;
    try (JsonParser json = factory.createParser(file.toFile())) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken value = json.nextToken();
        if (value == JsonToken.VALUE_NUMBER_INT) {
          header.put(field, json.getIntValue());
        } else if (field.equals("vectors")) {
          int size = Math.min(top, required(header, "size", file));
          words = new WordVectors(new String[size], required(header, "dimensions", file));
          words.readVectors(json, required(header, "wordIndex", file), file);
        } else {
          json.skipChildren();
        }
      }
    } catch (JsonProcessingException e) {
      throw fault(file, "expected the JSON of the package, found: %s", e.getOriginalMessage());
    }
    if (words == null) {
      throw fault(file, "expected an object \"vectors\", found none");
    }
    words.checkComplete(file);
    return words;
  }

  private static int required(Map<String, Integer> header, String field, Path file)
      throws IOException {
    Integer value = header.get(field);
    if (value == null || value < 1) {
      throw fault(
          file, "expected a positive number \"%s\" before \"vectors\", found %s", field, value);
    }
    return value;
  }

  private void readVectors(JsonParser json, int rankIndex, Path file) throws IOException {
    float[] vector = new float[dimension];
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String word = json.currentName();
      json.nextToken();
      int rank = -1;
      int numbers = 0;
      while (json.nextToken().isNumeric()) {
        if (numbers == rankIndex) {
          rank = json.getIntValue();
        } else if (numbers < dimension) {
          // From the decimal itself: by way of a double it could be rounded twice.
          vector[numbers] = Float.parseFloat(json.getText());
        }
        numbers++;
      }
      if (rank < 0 || numbers < dimension) {
        throw fault(
            file,
            "word \"%s\": expected %d numbers and a rank at %d, found %d numbers and rank %d",
            word,
            dimension,
            rankIndex,
            numbers,
            rank);
      }
      if (rank < words.length) {
        put(rank, word, vector, file);
      }
    }
  }

  private void put(int rank, String word, float[] vector, Path file) throws IOException {
    if (words[rank] != null) {
      throw fault(
          file, "expected one word of rank %d, found \"%s\" and \"%s\"", rank, words[rank], word);
    }
    words[rank] = word;
    System.arraycopy(vector, 0, vectors, rank * dimension, dimension);
  }

  private void checkComplete(Path file) throws IOException {
    for (int rank = 0; rank < words.length; rank++) {
      if (words[rank] == null) {
        throw fault(
            file, "expected a word of every rank below %d, found none of %d", words.length, rank);
      }
    }
  }

  private static IOException fault(Path file, String reason, Object... arguments) {
    return new FileSystemException(file.toString(), null, reason.formatted(arguments));
  }

  /** Writes them as one file that Spark reads as {@code id string, features array<float>}. */
  void writeParquet(Path file) throws IOException {
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(localFile(file))
            .withType(SCHEMA)
            .withCompressionCodec(CompressionCodecName.ZSTD)
            .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
            .build()) {
      for (int rank = 0; rank < words.length; rank++) {
        writer.write(row(rank));
      }
    }
  }

  /** Parquet's own LocalOutputFile is not in the 1.13 of Spark 3.5. */
  private static OutputFile localFile(Path file) throws IOException {
    Configuration conf = new Configuration(false);
    // Without the hidden file of checksums that Hadoop otherwise puts beside it.
    conf.setClass("fs.file.impl", RawLocalFileSystem.class, FileSystem.class);
    conf.setBoolean("fs.file.impl.disable.cache", true);
    return HadoopOutputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), conf);
  }

  private Group row(int rank) {
    Group row = new SimpleGroup(SCHEMA);
    row.add("id", words[rank]);
    Group features = row.addGroup("features");
    for (int z = 0; z < dimension; z++) {
      features.addGroup("list").add("element", vectors[rank * dimension + z]);
    }
    return row;
  }
}
