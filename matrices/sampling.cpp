#include "matrices/sampling.h"

#include <algorithm>
#include <cmath>

namespace heddle {
namespace {

void sample_sparse(Random& random, std::uint64_t universe, std::uint64_t count, std::vector<std::uint64_t>& chosen) {
  chosen.clear();
  chosen.reserve(count);
  while (chosen.size() < count) {
    const auto sorted = static_cast<std::ptrdiff_t>(chosen.size());
    for (std::uint64_t missing = count - chosen.size(); missing > 0; --missing)
      chosen.push_back(random.uniform_u64(universe));
    std::sort(chosen.begin() + sorted, chosen.end());
    std::inplace_merge(chosen.begin(), chosen.begin() + sorted, chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  }
}

}  // namespace

void sample_distinct(Random& random, std::uint64_t universe, std::uint64_t count, std::vector<std::uint64_t>& chosen) {
  HEDDLE_CHECK(count <= universe);
  if (count <= universe / 2) return sample_sparse(random, universe, count, chosen);
  std::vector<std::uint64_t> left_out;
  sample_sparse(random, universe, universe - count, left_out);
  chosen.clear();
  chosen.reserve(count);
  std::uint64_t next = 0;
  for (const std::uint64_t skipped : left_out) {
    while (next < skipped) chosen.push_back(next++);
    ++next;
  }
  while (next < universe) chosen.push_back(next++);
}

std::uint64_t share(std::uint64_t total, std::uint64_t weight, std::uint64_t weights) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(total) * weight / weights);
}

std::uint64_t nearest_count(double fraction, std::uint64_t count) {
  const long long nearest = std::llround(fraction * static_cast<double>(count));
  return std::min(static_cast<std::uint64_t>(nearest), count);
}

double portable_power(double x, double exponent) {
  constexpr int kFractionBits = 16;
  auto steps = static_cast<std::uint64_t>(std::llround(exponent * (1 << kFractionBits)));
  double result = 1.0;
  double root = x;
  for (int bit = kFractionBits - 1; bit >= 0; --bit) {
    root = std::sqrt(root);
    if (steps >> bit & 1) result *= root;
  }
  for (steps >>= kFractionBits; steps > 0; --steps) result *= x;
  return result;
}

}  // namespace heddle
