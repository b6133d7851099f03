/** The command line: parse, one call, exit code. */
package org.annoyspark.jobs;
