package org.annoyspark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.List;
import org.annoyspark.format.MergePlan;
import org.apache.hadoop.conf.Configuration;

/**
 * One file on its way, written in parts by many tasks. The driver begins, completes or aborts it; a
 * copy goes to every task. Nothing is to be seen at the target before {@link #complete}.
 *
 * <p>Attempts at the same part put the same bytes, so retries and speculation do no harm: the
 * driver picks one receipt for each part.
 */
public interface PartUpload extends Serializable {

  /** How the file gets there, in words. */
  String description();

  /** Whether parts may be put by many tasks; otherwise the file is one part. */
  boolean isParallel();

  /**
   * Puts one part; runs in a task.
   *
   * @param bytes the part, with {@code mark} and {@code reset}; not closed
   * @param attempt a name that no other attempt uses
   */
  PartReceipt put(MergePlan.Part part, InputStream bytes, String attempt, Configuration conf)
      throws IOException;

  /** Makes the file visible, from a receipt for each part, in order. */
  void complete(List<PartReceipt> receipts, Configuration conf) throws IOException;

  /** Gives up; nothing stays behind. */
  void abort(Configuration conf) throws IOException;
}
