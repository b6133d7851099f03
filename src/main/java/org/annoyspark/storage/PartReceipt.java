package org.annoyspark.storage;

import java.io.Serializable;

/**
 * What a task gets for a part that it has put.
 *
 * @param handle what the upload needs to find the part again
 */
public record PartReceipt(int number, byte[] handle) implements Serializable {}
