/** How good an index is: exact search and what share of it the index finds. */
package org.annoyspark.eval;
