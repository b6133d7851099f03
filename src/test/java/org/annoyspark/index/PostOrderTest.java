package org.annoyspark.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.annoyspark.format.DotLayout;
import org.annoyspark.metric.Metric;
import org.annoyspark.metric.Split;
import org.junit.jupiter.api.Test;

class PostOrderTest {

  private static final Split SPLIT = Metric.of("angular", 1, DotLayout.RELEASED).zeroSplit();

  /** Tells its order; regions of one item are leaves, others lose their {@code side0} first. */
  private static final class Recorder extends PostOrder {
    final List<String> written = new ArrayList<>();
    final int side0;

    Recorder(int side0) {
      this.side0 = side0;
    }

    @Override
    int writeLeaf(Region region) {
      if (region.size() > 1) {
        region.divide(SPLIT, Math.min(side0, region.size() - 1));
        return divided();
      }
      written.add("" + region.from);
      return region.from;
    }

    @Override
    int writeSplit(Region region, int child0, int child1) {
      written.add(region.from + "-" + region.to + ":" + child0 + "," + child1);
      return 100 + written.size();
    }
  }

  @Test
  void descendantsComeFirstAndTheSmallerHalfBeforeTheOther() throws IOException {
    Recorder recorder = new Recorder(2);
    recorder.write(new Region(0, 4, 1));
    assertEquals(
        List.of("0", "1", "0-2:0,1", "2", "3", "2-4:2,3", "0-4:103,106"), recorder.written);
    Recorder uneven = new Recorder(2);
    uneven.write(new Region(0, 3, 1));
    assertEquals(List.of("2", "0", "1", "0-2:0,1", "0-3:104,2"), uneven.written);
  }

  @Test
  void depthIsNoProblem() throws IOException {
    Recorder recorder = new Recorder(1);
    recorder.write(new Region(0, 200_000, 1));
    assertEquals(399_999, recorder.written.size());
  }
}
