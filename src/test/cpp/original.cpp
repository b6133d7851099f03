// The original, to be timed beside ours: reads commands, one a line, and answers each with the
// seconds of CPU time that it took, or with a line that starts with "error". A file of answers has k ids for
// every query, -1 where fewer were found.
//
//   open METRIC DIMENSION INDEX QUERIES      queries: little-endian floats, row after row
//   search K SEARCH_K COUNT ANSWERS          the first COUNT queries, one after the other
#include <cstdint>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "annoylib.h"
#include "kissrandom.h"

#ifdef ANNOY_NAMESPACE
using namespace Annoy;
#endif

using Index = AnnoyIndexInterface<int32_t, float>;

template <typename Distance>
using IndexOf =
    AnnoyIndex<int32_t, float, Distance, Kiss64Random, AnnoyIndexSingleThreadedBuildPolicy>;

static std::unique_ptr<Index> newIndex(const std::string& metric, int dimension) {
  if (metric == "angular") return std::make_unique<IndexOf<Angular>>(dimension);
  if (metric == "euclidean") return std::make_unique<IndexOf<Euclidean>>(dimension);
  if (metric == "manhattan") return std::make_unique<IndexOf<Manhattan>>(dimension);
  if (metric == "dot") return std::make_unique<IndexOf<DotProduct>>(dimension);
  return nullptr;
}

static std::vector<float> readFloats(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::vector<float> floats(bytes.size() / sizeof(float));
  memcpy(floats.data(), bytes.data(), floats.size() * sizeof(float));
  return floats;
}

int main() {
  std::unique_ptr<Index> index;
  int dimension = 0;
  std::vector<float> queries;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    const std::clock_t start = std::clock();
    auto seconds = [start] { return double(std::clock() - start) / CLOCKS_PER_SEC; };
    if (command == "open") {
      std::string metric, file, queriesFile;
      words >> metric >> dimension >> file >> queriesFile;
      index = newIndex(metric, dimension);
      queries = readFloats(queriesFile);
      if (!index || queries.empty() || !index->load(file.c_str())) {
        std::cout << "error: cannot open: " << line << std::endl;
        return 1;
      }
      std::cout << seconds() << std::endl;
    } else if (command == "search") {
      size_t k, count;
      int searchK;
      std::string answersFile;
      words >> k >> searchK >> count >> answersFile;
      std::vector<int32_t> answers(count * k, -1);
      std::vector<int32_t> ids;
      std::vector<float> distances;
      for (size_t q = 0; q < count; q++) {
        ids.clear();
        distances.clear();
        index->get_nns_by_vector(&queries[q * dimension], k, searchK, &ids, &distances);
        std::copy(ids.begin(), ids.end(), answers.begin() + q * k);
      }
      std::cout << seconds() << std::endl;
      std::ofstream(answersFile, std::ios::binary)
          .write(reinterpret_cast<char*>(answers.data()), answers.size() * sizeof(int32_t));
    } else {
      std::cout << "error: unknown command: " << line << std::endl;
      return 1;
    }
  }
}
