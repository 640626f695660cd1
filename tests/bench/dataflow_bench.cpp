// Simulated products per second of host time, as a ratio to Eigen's own sparse product of the same matrix, in one
// process and with the same compiler flags.
//
//   dataflow_bench [--flat] [MATRIX...]      default: the nine matrices of the speed table, from $HEDDLE_MATRICES;
//                                            --flat leaves the slower banked runs out
//
// The simulator's time is everything from the loaded CSR to the report: the symbolic product (which a sweep would do
// once for all runs of a matrix) and the run, checks off. Eigen's is the best of three products, the simulator's of
// two.
#include <Eigen/Sparse>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dataflows/dataflow.h"
#include "matrices/load_matrix.h"
#include "matrices/workload.h"

namespace {

using EigenMatrix = Eigen::SparseMatrix<double, Eigen::RowMajor, int>;

constexpr const char* kSpeedTable[] = {
    "suitesparse/wiki-Vote.mtx",      "suitesparse/ca-CondMat.mtx.gz", "suitesparse/cit-HepPh.mtx.gz",
    "suitesparse/email-Enron.mtx.gz", "suitesparse/bcsstk16.mtx.gz",   "other/facebook_combined.mtx",
    "suitesparse/wave.mtx.gz",        "suitesparse/memplus.mtx.gz",    "suitesparse/cnr-2000.mtx.gz"};

double best_seconds(int runs, const std::function<void()>& work) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

double eigen_seconds(const heddle::Csr& matrix) {
  std::vector<Eigen::Triplet<double>> triplets;
  triplets.reserve(matrix.nnz());
  for (std::uint32_t i = 0; i < matrix.rows; ++i)
    for (std::uint64_t e = matrix.pointers[i]; e < matrix.pointers[i + 1]; ++e)
      triplets.emplace_back(static_cast<int>(i), static_cast<int>(matrix.coordinates[e]), matrix.values[e]);
  EigenMatrix a(static_cast<int>(matrix.rows), static_cast<int>(matrix.cols));
  a.setFromTriplets(triplets.begin(), triplets.end());
  return best_seconds(3, [&] {
    const EigenMatrix c = a * a;
    if (c.nonZeros() < 0) std::abort();
  });
}

struct Geomean {
  double log_sum = 0;
  int count = 0;
  void add(double ratio) { log_sum += std::log(ratio), ++count; }
  double value() const { return count == 0 ? 0 : std::exp(log_sum / count); }
};

void bench(const std::string& path, std::span<const heddle::DramKind> kinds, std::map<std::string, Geomean>& geomeans) {
  const auto a = std::make_shared<const heddle::Csr>(heddle::load_matrix(path).matrix);
  const double eigen = eigen_seconds(*a);
  heddle::Workload workload;
  const double symbolic = best_seconds(2, [&] { workload = heddle::make_workload(a, a, path, path); });
  const auto products = static_cast<double>(workload.products);
  std::printf("%-28s %10.0f %8.1f %9.1f", path.substr(path.rfind('/') + 1).c_str(), products, products / eigen / 1e6,
              products / symbolic / 1e6);
  for (const auto kind : kinds) {
    heddle::Config config;
    config.machine.dram.kind = kind;
    for (const auto& entry : heddle::catalog()) {
      std::string fidelity;
      const double seconds =
          symbolic + best_seconds(2, [&] { fidelity = entry.run(workload, config, {}).report.fidelity; });
      const double ratio = eigen / seconds;
      std::printf("  %7.1f %5.2f%s", products / seconds / 1e6, ratio, fidelity == "exact" ? " " : "*");
      std::fflush(stdout);
      if (fidelity == "exact")
        geomeans[std::string(entry.name) + (kind == heddle::DramKind::flat ? " flat" : " banked")].add(ratio);
    }
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) try {
  std::vector<std::string> paths(argv + 1, argv + argc);
  std::vector<heddle::DramKind> kinds = {heddle::DramKind::flat, heddle::DramKind::banked};
  if (!paths.empty() && paths.front() == "--flat") {
    paths.erase(paths.begin());
    kinds.pop_back();
  }
  if (paths.empty()) {
    const char* root = std::getenv("HEDDLE_MATRICES");
    const std::string folder = root != nullptr ? root : HEDDLE_SOURCE_DIR "/../shared/matrices";
    for (const char* name : kSpeedTable) paths.push_back(folder + "/" + name);
  }
  std::printf(
      "Products per second (millions) and ratio to Eigen %d.%d.%d; %s, -O level and flags as Eigen's; * = sampled, not "
      "in the geomean\n",
      EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION, "g++ " __VERSION__);
  std::printf("%-28s %10s %8s %9s", "matrix", "products", "Eigen", "symbolic");
  for (const auto kind : kinds)
    for (const auto& entry : heddle::catalog())
      std::printf("  %14s",
                  (std::string(entry.name).substr(0, 7) + "/" + std::string(heddle::enum_name(kind))).c_str());
  std::printf("\n");
  std::map<std::string, Geomean> geomeans;
  for (const auto& path : paths) bench(path, kinds, geomeans);
  for (const auto& [name, geomean] : geomeans)
    std::printf("geomean %-22s %5.2f x Eigen over %d matrices\n", name.c_str(), geomean.value(), geomean.count);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "dataflow_bench: %s\n", error.what());
  return 2;
}
