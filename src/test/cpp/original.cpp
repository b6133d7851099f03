// The original, to be timed beside ours: reads commands, one a line, and answers each with the
// seconds of CPU time that it took, or with a line that starts with "error". What several threads did is told in
// seconds of the clock. A file of answers has k ids for every query, -1 where fewer were found.
//
//   items METRIC DIMENSION ITEMS THREADS     items: little-endian floats, row after row
//   build TREES THREADS                      again and again
//   save INDEX
//   open METRIC DIMENSION INDEX QUERIES      queries: little-endian floats, row after row
//   search K SEARCH_K COUNT ANSWERS          the first COUNT queries, one after the other
#define ANNOYLIB_MULTITHREADED_BUILD

#include <chrono>
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

template <typename Policy>
static std::unique_ptr<Index> newIndex(const std::string& metric, int dimension) {
  if (metric == "angular")
    return std::make_unique<AnnoyIndex<int32_t, float, Angular, Kiss64Random, Policy>>(dimension);
  if (metric == "euclidean")
    return std::make_unique<AnnoyIndex<int32_t, float, Euclidean, Kiss64Random, Policy>>(dimension);
  if (metric == "manhattan")
    return std::make_unique<AnnoyIndex<int32_t, float, Manhattan, Kiss64Random, Policy>>(dimension);
  if (metric == "dot")
    return std::make_unique<AnnoyIndex<int32_t, float, DotProduct, Kiss64Random, Policy>>(dimension);
  return nullptr;
}

static std::unique_ptr<Index> newIndex(const std::string& metric, int dimension, int threads) {
  return threads == 1 ? newIndex<AnnoyIndexSingleThreadedBuildPolicy>(metric, dimension)
                      : newIndex<AnnoyIndexMultiThreadedBuildPolicy>(metric, dimension);
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
    const auto clockStart = std::chrono::steady_clock::now();
    const std::clock_t start = std::clock();
    auto seconds = [start] { return double(std::clock() - start) / CLOCKS_PER_SEC; };
    if (command == "open") {
      std::string metric, file, queriesFile;
      words >> metric >> dimension >> file >> queriesFile;
      index = newIndex(metric, dimension, 1);
      queries = readFloats(queriesFile);
      if (!index || queries.empty() || !index->load(file.c_str())) {
        std::cout << "error: cannot open: " << line << std::endl;
        return 1;
      }
      std::cout << seconds() << std::endl;
    } else if (command == "items") {
      std::string metric, file;
      int threads;
      words >> metric >> dimension >> file >> threads;
      index = newIndex(metric, dimension, threads);
      std::vector<float> items = readFloats(file);
      for (size_t item = 0; item * dimension < items.size(); item++) {
        index->add_item(item, &items[item * dimension]);
      }
      std::cout << seconds() << std::endl;
    } else if (command == "build") {
      int trees, threads;
      words >> trees >> threads;
      index->unbuild();
      index->build(trees, threads);
      const std::chrono::duration<double> clock = std::chrono::steady_clock::now() - clockStart;
      std::cout << (threads == 1 ? seconds() : clock.count()) << std::endl;
    } else if (command == "save") {
      std::string file;
      words >> file;
      index->save(file.c_str());
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
      const double searched = seconds();
      // Who reads the reply reads the answers next.
      std::ofstream(answersFile, std::ios::binary)
          .write(reinterpret_cast<char*>(answers.data()), answers.size() * sizeof(int32_t));
      std::cout << searched << std::endl;
    } else {
      std::cout << "error: unknown command: " << line << std::endl;
      return 1;
    }
  }
}
