// Distinct counts from little memory, as HYTE (ISCA 2025) samples them: the k smallest hashes of what was seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::selector {

/// K-minimum-values sketch (Bar-Yossef et al., RANDOM 2002): exact up to `capacity` distinct keys, beyond that relative
/// standard error about 1 / sqrt(capacity - 2).
class DistinctSketch {
 public:
  explicit DistinctSketch(std::size_t capacity = 256) : capacity_(capacity) {}
  void clear() { smallest_.clear(); }
  void add(std::uint32_t key);
  double count() const;

 private:
  std::size_t capacity_;
  std::vector<std::uint64_t> smallest_;  // ascending, distinct
};

/// Columns that hold something, when `sampled` draws met `distinct` different ones and there will be `total` draws: the
/// columns are taken as `u` equally likely urns, u from the sample.
double extrapolate_distinct(double distinct, double sampled, double total, double limit);

}  // namespace heddle::selector
