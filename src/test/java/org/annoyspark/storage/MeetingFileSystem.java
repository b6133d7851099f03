package org.annoyspark.storage;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** A local disk as {@code meeting:/…}: a file opens only while another one does. */
public final class MeetingFileSystem extends RawLocalFileSystem {

  private static final URI ROOT = URI.create("meeting:///");
  private static final CyclicBarrier BOTH = new CyclicBarrier(2);

  static Configuration register(Configuration conf) {
    BOTH.reset();
    conf.set("fs.meeting.impl", MeetingFileSystem.class.getName());
    return conf;
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public String getScheme() {
    return "meeting";
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    try {
      BOTH.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IOException(path + " was opened alone", e);
    }
    return super.open(path, bufferSize);
  }
}
