package org.annoyspark.jobs;

import org.annoyspark.format.DotLayout;
import org.annoyspark.index.TreeCount;
import org.annoyspark.metric.DotNormCap;
import org.annoyspark.metric.Metric;
import org.annoyspark.spark.IndexBuild;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Texts of options to values; a bad one is wrong usage. */
final class Converters {

  private Converters() {}

  private interface Parser<T> {
    T parse(String text);
  }

  private static <T> T convert(String text, Parser<T> parser) {
    try {
      return parser.parse(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("expected a number, found '" + text + "'");
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  static final class MetricName implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return Converters.convert(text, Metric::checkName);
    }
  }

  static final class DotLayoutName implements ITypeConverter<DotLayout> {
    @Override
    public DotLayout convert(String text) {
      return Converters.convert(text, DotLayout::ofLabel);
    }
  }

  static final class NormCap implements ITypeConverter<DotNormCap> {
    @Override
    public DotNormCap convert(String text) {
      return Converters.convert(text, DotNormCap::of);
    }
  }

  static final class FirstTree implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return Converters.convert(
          text,
          number -> {
            int firstTree = Integer.parseInt(number);
            new IndexBuild().firstTree(firstTree);
            return firstTree;
          });
    }
  }

  static final class Trees implements ITypeConverter<TreeCount> {
    @Override
    public TreeCount convert(String text) {
      return text.equals("auto")
          ? TreeCount.auto()
          : Converters.convert(text, number -> TreeCount.of(Integer.parseInt(number)));
    }
  }
}
