// Workloads of a sweep in memory: loaded when first asked for, shared by all points, put away when their last has run.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "matrices/operands.h"
#include "matrices/profile.h"
#include "matrices/workload.h"
#include "tools/heddle/simulation.h"
#include "tools/sweep/matrix_source.h"

namespace heddle {

/// A and B in memory, and facts about them that are made when first asked for. Usable by several threads.
class LoadedMatrices {
 public:
  /// Throws InputError naming the file, or the place in the sweep file.
  explicit LoadedMatrices(const MatrixSource& source);

  const std::string& a_hash() const { return a_hash_; }
  const std::string& b_hash() const { return b_hash_; }
  const Csr& a() const { return *operands_.a; }
  /// O(products) the first time.
  const Workload& workload();
  const MatrixProfile& profile();
  /// nullptr when `mode` asks for no check of this workload; O(products) the first time.
  std::shared_ptr<const ReferenceProduct> reference(CheckMode mode);
  /// Of A and B, without what was made of them.
  std::uint64_t bytes() const;

 private:
  std::string name_, b_name_;
  Operands operands_;
  std::string a_hash_, b_hash_;
  std::once_flag has_workload_, has_profile_, has_reference_;
  Workload workload_;
  MatrixProfile profile_;
  std::shared_ptr<const ReferenceProduct> reference_;
};

/// One place per matrix. Matrices nobody uses are kept as long as they fit into the budget, so that a sweep of moderate
/// size reads each file once.
class Shelf {
 public:
  /// Half of the memory of this machine, or `budget` bytes.
  explicit Shelf(const std::vector<MatrixSource>& sources, std::uint64_t budget = default_budget());
  static std::uint64_t default_budget();

  /// Loads it if it is not there; others who ask for it meanwhile wait.
  std::shared_ptr<LoadedMatrices> get(std::size_t matrix);
  /// Will not be asked for again.
  void drop(std::size_t matrix);
  /// May be asked for again, but nobody has it now: kept if the budget allows.
  void put_back(std::size_t matrix);

 private:
  struct Place {
    std::mutex loading;
    std::shared_ptr<LoadedMatrices> matrices;
  };
  const std::vector<MatrixSource>& sources_;
  std::uint64_t budget_;
  std::mutex mutex_;
  std::uint64_t kept_bytes_ = 0;
  std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace heddle
