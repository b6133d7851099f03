/**
 * Building and joining by Spark. What runs in tasks are plain serializable classes; only the entry
 * points know a session.
 */
package org.annoyspark.spark;
