/** The bytes of an Annoy file and of the metadata beside it; knows no metric's arithmetic. */
package org.annoyspark.format;
