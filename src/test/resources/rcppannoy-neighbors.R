# Asks RcppAnnoy, an Annoy client that this project has no part in, for neighbours.
#
#   Rscript rcppannoy-neighbors.R metric dimension file queries.f32 k searchK out
#
# queries.f32: little-endian floats, one query after another; hamming has 0 and 1.
# out: a line "items roots", then for each query a line of its neighbours' ids, nearest first, and
# a line of their distances.

suppressMessages(library(RcppAnnoy))

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 7) {
  stop("expected 7 arguments, found ", length(arguments))
}
metric <- arguments[1]
dimension <- as.integer(arguments[2])
file <- arguments[3]
queriesFile <- arguments[4]
k <- as.integer(arguments[5])
searchK <- as.integer(arguments[6])
out <- arguments[7]

# RcppAnnoy takes a hamming vector as 64-bit words, each passed as an R number: exact as long as a
# word's highest and lowest set bits are less than 53 apart.
pack <- function(bits) {
  words <- ceiling(length(bits) / 64)
  padded <- c(bits, rep(0, words * 64 - length(bits)))
  colSums(matrix(padded, nrow = 64) * 2^(0:63))
}

index <- switch(metric,
  angular = new(AnnoyAngular, dimension),
  euclidean = new(AnnoyEuclidean, dimension),
  manhattan = new(AnnoyManhattan, dimension),
  hamming = new(AnnoyHamming, ceiling(dimension / 64)),
  stop("expected angular, euclidean, manhattan or hamming, found ", metric))
index$load(file)

floats <- readBin(queriesFile, "numeric", n = file.size(queriesFile) / 4, size = 4,
                  endian = "little")
queries <- matrix(floats, nrow = dimension)
lines <- sprintf("%d %d", index$getNItems(), index$getNTrees())
for (q in seq_len(ncol(queries))) {
  query <- queries[, q]
  if (metric == "hamming") {
    query <- pack(query)
  }
  found <- index$getNNsByVectorList(query, k, searchK, TRUE)
  lines <- c(lines,
             paste(found$item, collapse = " "),
             paste(sprintf("%.9g", found$distance), collapse = " "))
}
writeLines(lines, out)
