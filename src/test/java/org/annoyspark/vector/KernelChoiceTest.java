package org.annoyspark.vector;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** That tests run with the kernels that they are meant to try. */
class KernelChoiceTest {

  @Test
  void kernelsAreThoseThatAreWanted() {
    String wanted = System.getProperty("wanted-kernels", "Vector API, (128|256|512) bits");
    String found = VectorUtil.kernels();
    assertTrue(found.matches(wanted), "expected " + wanted + ", found " + found);
  }
}
