/** Indexes on any Hadoop file system: the published directory, the copy on a host, the ids. */
package org.annoyspark.storage;
