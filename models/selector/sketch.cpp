#include "models/selector/sketch.h"

#include <algorithm>
#include <cmath>

namespace heddle::selector {
namespace {

/// splitmix64's finaliser: a bijection whose outputs look uniform.
std::uint64_t spread_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

double expected_distinct(double urns, double draws) {
  return urns * -std::expm1(-draws / urns);
}

}  // namespace

void DistinctSketch::add(std::uint32_t key) {
  const std::uint64_t hash = spread_bits(key);
  if (smallest_.size() == capacity_ && hash >= smallest_.back()) return;
  const auto at = std::lower_bound(smallest_.begin(), smallest_.end(), hash);
  if (at != smallest_.end() && *at == hash) return;
  smallest_.insert(at, hash);
  if (smallest_.size() > capacity_) smallest_.pop_back();
}

double DistinctSketch::count() const {
  if (smallest_.size() < capacity_) return double(smallest_.size());
  return double(capacity_ - 1) * 0x1p64 / double(smallest_.back());
}

double extrapolate_distinct(double distinct, double sampled, double total, double limit) {
  if (sampled <= 0 || total <= 0) return 0;
  if (distinct >= sampled * (1 - 1e-9)) return std::min(limit, expected_distinct(limit, total));
  double low = distinct;
  double high = std::max(limit, distinct);
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (low + high);
    (expected_distinct(middle, sampled) < distinct ? low : high) = middle;
  }
  return std::min(limit, expected_distinct(high, total));
}

}  // namespace heddle::selector
