// Matrix entries as a reader meets them, and their way into CSR.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "matrices/csr.h"

namespace heddle {

/// How the entries of a file stand for the matrix.
enum class Symmetry { general, symmetric, skew_symmetric };

/// A list of entries that grows block by block: what is allocated follows what was read, and nothing is ever moved.
class CooList {
 public:
  struct Entry {
    Coordinate row;
    Coordinate column;
    double value;
  };

  void add(Entry entry) {
    if (last_ == kBlock) add_block();
    blocks_.back()[last_++] = entry;
  }

  std::uint64_t size() const { return blocks_.size() * kBlock - (kBlock - last_); }

  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      const std::size_t count = b + 1 == blocks_.size() ? last_ : kBlock;
      for (std::size_t i = 0; i < count; ++i) visit(blocks_[b][i]);
    }
  }

 private:
  static constexpr std::size_t kBlock = std::size_t{1} << 14;
  void add_block();

  std::vector<std::unique_ptr<Entry[]>> blocks_;
  std::size_t last_ = kBlock;  // entries in the last block; kBlock also when there is none
};

/// What to_csr() met on the way.
struct CooCounts {
  std::uint64_t mirrored = 0;    ///< entries added by symmetry
  std::uint64_t duplicates = 0;  ///< entries merged into another of the same coordinates, mirrored ones included
};

/// What becomes of several entries with the same coordinates.
enum class Duplicates { sum, keep_one };

/// O(entries log(longest row) + rows). Off-diagonal entries of a symmetric (skew-symmetric) list are mirrored
/// (negated). Throws InputError "name: ..." when a sum of duplicates leaves the range of a double.
Csr to_csr(const CooList& entries, std::uint32_t rows, std::uint32_t cols, Symmetry symmetry, Duplicates duplicates,
           const std::string& name, CooCounts& counts);

}  // namespace heddle
