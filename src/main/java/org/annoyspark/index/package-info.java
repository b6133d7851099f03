/**
 * Searching an index and growing a forest, in one process and on local files, with no cluster in
 * sight.
 */
package org.annoyspark.index;
